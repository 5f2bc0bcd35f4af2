// The verifier in one file, to keep and to open with the network cut, and the worker that keeps /verify readable.
import { createHash } from 'node:crypto';
import { texts } from './render.mjs';

export const versionOf = (manifest) => createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 12);

// A saved page has no server: its policy is in itself, and it may talk to nobody. The server that gives it out puts its words in.
export function singlePage({ style, script, icon }) {
  const both = (key) => `<span lang="zh-CN">${texts[key].zh}</span> <span lang="en">${texts[key].en}</span>`;
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const safe = script.replaceAll('</script', '<\\/script');
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${hash(safe)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'">
<title>明鉴国土 · 离线核验 Landglass verifier</title><link rel="icon" href="data:image/svg+xml;base64,${Buffer.from(icon).toString('base64')}"><style>${style}</style></head>
<body><main id="main" class="narrow"><header class="title"><h1><span lang="zh-CN">明鉴国土 · 离线核验</span> <span lang="en">Landglass verifier</span></h1><p class="lead">${both('check_here')}</p></header>
<section class="panel verifier" data-verify aria-labelledby="by-file"><h2 id="by-file">${both('check_a_file')}</h2>
<div class="drop" data-slot="drop"><label for="file">${both('drop_here')}</label><input type="file" id="file" accept=".json,application/json,text/plain"></div>
<div class="input"><label for="pasted">${both('paste_here')}</label><textarea id="pasted" rows="3" spellcheck="false"></textarea></div>
<div class="input"><label for="trust-text">${both('log_key')} (policy)</label><textarea id="trust-text" rows="3" spellcheck="false" aria-describedby="trust-help"></textarea><p class="help" id="trust-help">${both('log_key_how')}</p></div>
<p class="row"><button class="button" type="button" data-slot="check">${both('check')}</button></p>
<div class="verdict" data-slot="verdict" role="status" aria-live="polite"></div>
</section></main><script type="application/json" id="institution-words">{}</script><script type="module">${safe}</script></body></html>
`;
}

export function serviceWorker({ version, files }) {
  return `// Keeps the verifier readable without a network; nothing else of the site is kept.
const name = 'landglass-verify-${version}';
const files = ${JSON.stringify(['/verify', '/policy', '/words', ...files])};
self.addEventListener('install', (event) => event.waitUntil(caches.open(name).then((cache) => cache.addAll(files)).then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(caches.keys()
  .then((all) => Promise.all(all.filter((key) => key.startsWith('landglass-verify-') && key !== name).map((key) => caches.delete(key))))
  .then(() => self.clients.claim())));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin || !files.includes(url.pathname)) return;
  event.respondWith(fetch(event.request)
    .then((answer) => { if (answer.ok && !url.search) { const copy = answer.clone(); caches.open(name).then((cache) => cache.put(url.pathname, copy)); } return answer; })
    .catch(() => caches.match(url.pathname, { ignoreSearch: true }).then((kept) => kept ?? Response.error())));
});
`;
}
