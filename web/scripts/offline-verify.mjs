// The page that a citizen saved, with the network cut, tells the certificates of a played lot apart as `landglass verify` does.
// The samples are written by cli_test (VerifyCommand.*) into build/verify-samples.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, openBrowser } from './browser.mjs';

const samples = join(build, 'verify-samples');
if (!existsSync(join(samples, 'genuine.json'))) {
  console.log('SKIPPED: no samples in build/verify-samples; run cli_test first');
  process.exit(0);
}
const manifest = JSON.parse(readFileSync(join(build, 'assets', 'manifest.json'), 'utf8'));
const sample = (name) => join(samples, name);
const text = (name) => readFileSync(sample(name), 'utf8');

const browser = await openBrowser();
const context = await browser.newContext({ offline: true, locale: 'zh-CN', viewport: { width: 390, height: 900 } });
const page = await context.newPage();
const asked = [];
page.on('request', (request) => { if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) asked.push(request.url()); });
await page.goto(pathToFileURL(join(build, 'assets', manifest['verify-page.html'])).href);
await page.fill('#trust-text', text('policy'));
const shots = join(build, 'screenshots');
mkdirSync(shots, { recursive: true });

async function verdict(files, pasted = '') {
  await page.fill('#pasted', pasted);
  await page.setInputFiles('#file', files.map(sample));
  await page.click('[data-slot=check]');
  await page.waitForSelector('[data-slot=verdict] h3');
  await page.waitForTimeout(200);
  return page.locator('[data-slot=verdict] h3 .chip').first().innerText();
}

const cases = [
  ['genuine', ['genuine.json'], '', '真实'],
  ['genuine with its sheet', ['genuine.json'], text('qr.txt'), '真实'],
  ['the sheet of another', ['genuine.json'], text('qr.txt').replace('LC', 'LD'), '伪造或被改动'],
  ['forged', ['forged.json'], '', '伪造或被改动'],
  ['unproven', ['bare.json'], '', '无法证明'],
  ['outdated', ['genuine.json', 'later-receipt.json'], '', '真实，但已过时'],
];
for (const [name, files, pasted, expected] of cases) {
  assert.equal(await verdict(files, pasted), expected, name);
  await page.screenshot({ path: join(shots, `verify-${name.replaceAll(' ', '-')}.png`), fullPage: true });
  console.log(`  ${name}: ${expected}`);
}
// Without the key of the log nothing is proven, and nothing is called forged.
await page.fill('#trust-text', '');
assert.equal(await verdict(['genuine.json']), '无法证明', 'without a trust file');
assert.deepEqual(asked, [], 'the saved page asked nobody');
await browser.close();
console.log('offline verifier: as the command line says');
