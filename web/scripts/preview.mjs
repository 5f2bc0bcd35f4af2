// Every fixture as a page in build/preview, to look at and for the accessibility check.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures, render, web } from './render.mjs';

const out = join(web, '..', 'build', 'preview');
mkdirSync(out, { recursive: true });
const pages = fixtures();
for (const { name, template, page } of pages) {
  writeFileSync(join(out, `${name}.html`), render(template, page));
  writeFileSync(join(out, `${name}.json`), JSON.stringify({ template, page }));
}
console.log(`${pages.length} pages in build/preview`);
