// Every preview in Chromium: no violation that axe-core knows, light and dark, desktop and phone; nothing wider than the screen.
// Screenshots are kept in build/preview/shots to be looked at.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { build, openBrowser, serve } from './browser.mjs';

const shots = join(build, 'preview', 'shots');
mkdirSync(shots, { recursive: true });
const { root, close } = await serve();
const browser = await openBrowser();
const only = process.argv[2];
const names = readdirSync(join(build, 'preview')).filter((n) => n.endsWith('.html') && (!only || n.startsWith(only))).sort();
let wrong = 0;
let looked = 0;
async function look(colorScheme) {
  for (const [device, width, height] of [['desktop', 1280, 900], ['phone', 390, 844]]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: true });
    const page = await context.newPage();
    const said = [];
    page.on('pageerror', (error) => said.push(`page error: ${error.message}`));
    for (const name of names) {
      said.length = 0;
      await page.goto(`${root}/preview/${name}`, { waitUntil: 'load' });
      await page.addScriptTag({ content: axe.source });
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      for (const violation of found.violations)
        for (const node of violation.nodes) said.push(`${violation.id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim() ?? violation.help}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) said.push(`wider than the screen by ${overflow} px`);
      await page.screenshot({ path: join(shots, `${name.slice(0, -5)}-${device}-${colorScheme}.png`), fullPage: true });
      looked += 1;
      wrong += said.length;
      for (const line of said) console.log(`${name} (${device}, ${colorScheme}): ${line}`);
    }
    await context.close();
  }
}
await Promise.all([look('light'), look('dark')]);
await browser.close();
close();
console.log(`axe: ${looked} views of ${names.length} pages, ${wrong} wrong`);
process.exit(wrong === 0 && looked > 0 ? 0 : 1);
