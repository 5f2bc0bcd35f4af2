// Islands and styles into build/assets with hashed names, and manifest.json from plain name to file: docs/formats/page-model.md.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { web } from './render.mjs';

const out = join(web, '..', 'build', 'assets');
const islands = ['app', 'live', 'room', 'seal', 'verify', 'chart', 'lock', 'lights', 'tip'];
const manifest = {};
mkdirSync(out, { recursive: true });
for (const name of readdirSync(out)) if (/-[\w-]{8}\.(js|css|svg|html)$/.test(name)) rmSync(join(out, name));

function put(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 8);
  const file = name.replace(/(\.\w+)$/, `-${hash}$1`);
  writeFileSync(join(out, file), bytes);
  manifest[name] = file;
}

// One island, one file: no shared chunk to wait for, and the verifier can be read alone.
async function bundle(entry, format = 'es') {
  const result = await build({
    root: web, configFile: false, logLevel: 'warn',
    build: { write: false, target: 'es2022', modulePreload: false, cssMinify: true,
      // htmx can evaluate attributes; allowEval is off in src/app, and the pages' policy forbids it besides.
      rollupOptions: { input: join(web, entry), output: { format, codeSplitting: false }, checks: { eval: false } } },
  });
  return (Array.isArray(result) ? result[0] : result).output;
}

for (const name of islands) {
  const chunk = (await bundle(`src/${name}/main.ts`)).find((part) => part.type === 'chunk');
  put(`${name}.js`, chunk.code);
}
const style = (await bundle('styles/style.css')).find((part) => part.fileName.endsWith('.css'));
put('style.css', style.source);
put('icon.svg', readFileSync(join(web, 'styles', 'icon.svg')));

const { versionOf, singlePage, serviceWorker } = await import('./verifier-files.mjs');
const read = (name) => readFileSync(join(out, manifest[name]), 'utf8');
put('verify-page.html', singlePage({ style: read('style.css'), script: read('verify.js'), icon: read('icon.svg') }));
writeFileSync(join(out, 'sw.js'), serviceWorker({ version: versionOf(manifest), files: ['style.css', 'app.js', 'verify.js', 'icon.svg'].map((n) => `/assets/${manifest[n]}`) }));
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 1)}\n`);
