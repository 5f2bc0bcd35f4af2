// The eye on a page in Chromium: what axe-core and the width of the screen have against it, and a picture to be looked at by a person.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Of what axe fetches before it looks, the media are asked for alone: no rule that is on reads a style sheet.
const asked = { resultTypes: ['violations'], preload: { assets: ['media'] } };

// Where every page is looked at, axe comes with the page.
export const watched = (context) => context.addInitScript({ content: source });

// What is wrong with a page as it stands, by every rule of axe; `colours`: by that of contrast alone ('only'), or by all others
// ('not', for words that change no colour). `rows`: what stands in a table past so many rows is taken away before, since it is
// like what stands above and the look grows with its square.
export async function look(page, { colours = 'too', rows = Infinity } = {}) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(source);
  const rules = { only: { runOnly: ['color-contrast'] }, not: { rules: { 'color-contrast': { enabled: false } } } }[colours] ?? {};
  return page.evaluate(async ({ options, most }) => {
    const wrong = [];
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) wrong.push(`wider than the screen by ${wide} px`);
    for (const row of most === null ? [] : document.querySelectorAll(`tbody > tr:nth-child(n + ${most + 1})`)) row.remove();
    for (const violation of (await globalThis.axe.run(document, options)).violations)
      for (const node of violation.nodes) wrong.push(`${violation.id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim() ?? violation.help}`);
    return wrong;
  }, { options: { ...asked, ...rules }, most: Number.isFinite(rows) ? rows : null });
}

// Its first screen. SHOTS=whole keeps the whole page: of a long register that costs more than the look at it.
export async function picture(page, file) {
  await page.screenshot({ path: `${file}.jpg`, type: 'jpeg', quality: 75, fullPage: process.env['SHOTS'] === 'whole' });
}
