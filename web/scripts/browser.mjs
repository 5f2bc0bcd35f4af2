// Chromium as the tests start it, and a server for what stands in build/ under the policy that the real one sets.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { web } from './render.mjs';

export const build = join(web, '..', 'build');
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.json': 'application/json' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'";

export const openBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless=new', '--no-sandbox', '--disable-gpu',
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

// `answer(request, response, path)` may take a request by returning true.
export async function serve(answer = () => false) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    if (answer(request, response, path)) return;
    try {
      const body = readFileSync(join(build, path));
      const wasm = /\/(lock|tip[a-z-]*)\.html$/.test(path) ? policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'") : policy;  // the sealed boxes' library
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain; charset=utf-8', 'content-security-policy': wasm });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { root: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}
