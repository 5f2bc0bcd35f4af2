// Renders a page model as the server does: partials pasted in, kainjow's escaping. For previews and tests.
import { readFileSync, readdirSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Mustache from 'mustache';

export const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
Mustache.escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c]);

export const templates = Object.fromEntries(
  readdirSync(join(web, 'templates')).filter((n) => n.endsWith('.mustache'))
    .map((n) => [n.slice(0, -'.mustache'.length), readFileSync(join(web, 'templates', n), 'utf8')]));
export const texts = JSON.parse(readFileSync(join(web, 'texts.json'), 'utf8'));

export function flatten(name) {
  return templates[name].replace(/\{\{> (\w+)\}\}\n?/g, (_, partial) => flatten(partial));
}

const common = JSON.parse(readFileSync(join(web, 'fixtures', '_page.json'), 'utf8'));
const manifestFile = join(web, '..', 'build', 'assets', 'manifest.json');

// A fixture names its template by its own name up to the first "-", or by "template".
export function fixtures(assetRoot = '../assets/') {
  let manifest = {};
  try { manifest = JSON.parse(readFileSync(manifestFile, 'utf8')); } catch { /* not built: the names alone */ }
  const asset = (name) => assetRoot + (manifest[name] ?? name);
  const assets = { style: asset('style.css'), icon: asset('icon.svg') };
  for (const name of ['app', 'room', 'live', 'verify', 'chart', 'lock', 'lights', 'tip']) assets[name] = asset(`${name}.js`);
  return readdirSync(join(web, 'fixtures')).filter((n) => n.endsWith('.json') && !n.startsWith('_')).sort().map((file) => {
    const own = JSON.parse(readFileSync(join(web, 'fixtures', file), 'utf8'));
    const name = file.slice(0, -'.json'.length);
    const { template = name.split('-')[0], ...model } = own;
    const page = { ...common, ...model, assets };
    if (page.user) delete page.sign_in;
    page.t = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text[page.lang]]));
    return { name, template, page };
  });
}

export function render(template, page) {
  return Mustache.render(flatten(template), page);
}
