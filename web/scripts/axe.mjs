// Every preview in Chromium: no violation that axe-core knows, light and dark, desktop and phone; nothing wider than the screen.
// Pictures are kept in build/preview/shots to be looked at.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, openBrowser, serve } from './browser.mjs';
import { look, picture, watched } from './look.mjs';

const shots = join(build, 'preview', 'shots');
rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
const { root, close } = await serve();
const browser = await openBrowser();
const only = process.argv[2];
const names = readdirSync(join(build, 'preview')).filter((n) => n.endsWith('.html') && (!only || n.startsWith(only))).sort();
// No script of ours asks for width or light, so one load is looked at four times; the other light changes colours alone.
const colours = { colours: 'only' };
const views = [['desktop', 1280, 900, 'light'], ['desktop', 1280, 900, 'dark', colours], ['phone', 390, 844, 'dark'], ['phone', 390, 844, 'light', colours]];
let wrong = 0;
let looked = 0;
const left = [...names];
async function work() {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: true });
  await watched(context);
  const page = await context.newPage();
  const said = [];
  page.on('pageerror', (error) => said.push(`page error: ${error.message}`));
  for (let name = left.shift(); name; name = left.shift()) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${root}/preview/${name}`, { waitUntil: 'load' });
    for (const [device, width, height, colorScheme, by] of views) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      said.push(...await look(page, by));
      if (!by) await picture(page, join(shots, `${name.slice(0, -5)}-${device}-${colorScheme}`));
      looked += 1;
      wrong += said.length;
      for (const line of said.splice(0)) console.log(`${name} (${device}, ${colorScheme}): ${line}`);
    }
  }
  await context.close();
}
await Promise.all([work(), work()]);
await browser.close();
close();
console.log(`axe: ${looked} views of ${names.length} pages, ${wrong} wrong`);
process.exit(wrong === 0 && looked === views.length * names.length && looked > 0 ? 0 : 1);
