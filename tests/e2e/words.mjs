// What a person reads is words. Every page that links lead to, looked through for what only the machine calls so: ids of records,
// names of fields, states and actions, the source of a condition. `said` is also put to pages as they stand in the browser.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const registers = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? registers(join(folder, one.name))
  : one.name.endsWith('.yaml') && !one.name.endsWith('.test.yaml') ? [one.name.slice(0, -5)] : []));

// Where the machine's own words belong, and nowhere else: the log explorer shows leaves as they are signed, and administrators see accounts
// by their logins; a command is copied into a
// terminal; a digest, the log's name and the name of an institution's file are held against files; a condition's source stands folded
// behind its words; a paper names its record for whoever verifies it.
const belongs = { paths: /^\/(log|admin)(\/|$)/, within: 'script, style, template, noscript, pre, .hash, .seal, .origin, .source, .file-name, .sheet code, .facts code' };

// Runs in the page. Not in it: words of Latin letters that are Chinese usage too.
function said(root, { known, within, usual }) {
  const found = [];
  const chinese = (root.documentElement ?? root).lang?.startsWith('zh');
  const rules = [['a record by its id', new RegExp(`(?<![\\w./-])(?:${known.join('|')})/[\\w-]`)], ['a name of the machine’s', /(?<![\w./@#-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/])/],
    ['the source of a condition', /==|!=|&&|\|\||\bin \[|\bhas\(|\bsize\(/]];
  if (chinese) rules.push(['a key among Chinese', new RegExp(`(?<![\\w./@#:“-])(?!(?:${usual})(?![\\w-]))[a-z]{3,}(?:-[a-z0-9]+)*(?![\\w./@:’-])`)]);
  const hold = (text, where) => {
    for (const [what, rule] of rules) {
      const hit = rule.exec(text);
      if (hit) found.push(`${what}: ${text.slice(Math.max(0, hit.index - 20), hit.index + 60).replace(/\s+/g, ' ').trim()}${where}`);
    }
  };
  const texts = document.createTreeWalker(root.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.data.trim() === '' || text.parentElement.closest(`${within}, [lang=en]`)) continue;
    if (text.parentElement.localName === 'option' && text.data.includes('（未公开） · ')) continue;  // who chooses has to know whom (decision 0187)
    hold(text.data, ` (${text.parentElement.localName}${text.parentElement.className ? `.${text.parentElement.className}` : ''})`);
  }
  for (const field of root.querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio], [type=password], [type=search]), textarea')) hold(field.getAttribute('value') ?? field.value ?? '', ` (what stands in ${field.name})`);
  return [...new Set(found)];
}
const known = registers('packs/cn-land').sort((a, b) => b.length - a.length);
const usual = 'landglass|json|csv|zip';
export const inPage = [`(${said})`, { known, within: belongs.within, usual }];
export const rawWords = (page) => (belongs.paths.test(new URL(page.url()).pathname) ? [] : page.evaluate(`(${said})(document, ${JSON.stringify(inPage[1])})`));

// Words that run out of the screen on a narrow phone, where nothing shows that there is more: a table, a chart and a board are scrolled
// and say so.
export const cutOff = (page) => page.evaluate(() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const within = text.parentElement;
    if (text.data.trim() === '' || within.closest('.scroll, .hidden, .skip, script, style, template, noscript, pre, textarea, select, dialog:not([open]), [hidden]')) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width === 0 || (box.right <= innerWidth + 1 && box.left >= -1)) continue;
      found.push(`cut off: ${text.data.trim().slice(0, 50)}`);
      break;
    }
  }
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return wide > 0 ? [`wider than ${innerWidth} px by ${wide}`, ...found] : found;
});

// From the addresses `from` on by links, of each kind of page so many (a register's records are one kind). The pages are fetched and read
// in the browser, not drawn.
export async function crawl(page, from, { each = 2, most = 600, known: read = new Set() } = {}) {
  const seen = new Map();
  const wrong = [];
  let waiting = [...from];
  const kind = (path) => path.replace(/^(\/(?:r|room|slip|paper|case-file|act)\/[^/]+).*/, '$1/…').replace(/^(\/log\/).*/, '$1…');
  const met = new Set([...read, ...waiting]);
  let looked = 0;
  while (waiting.length > 0 && looked < most) {
    const part = waiting.splice(0, 24);
    looked += part.length;
    const pages = await page.evaluate(async ({ paths, source, given }) => {
      const look = (0, eval)(source);
      return Promise.all(paths.map(async (path) => {
        const answer = await fetch(path, { headers: { accept: 'text/html' } });
        if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) return { path, links: [], lines: [] };
        const root = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const links = [...root.querySelectorAll('a[href^="/"]:not([download])')].map((one) => one.getAttribute('href'));
        return { path, links, lines: answer.status < 500 ? look(root, given) : [`answered ${answer.status}`] };
      }));
    }, { paths: part, source: inPage[0], given: inPage[1] });
    for (const { path, links, lines } of pages) {
      if (!belongs.paths.test(path)) wrong.push(...lines.map((line) => `${path}: ${line}`));
      for (const link of links) {
        const address = link.replace(/#.*/, '');
        const bare = address.replace(/\?.*/, '');
        if (/^\/(api|csv|receipt|assets|feed|lang|file|vault|policy|bulk)\b|\/file(\/|$)|\.\w+$/.test(bare) || /[?&](sort|page|q|state)=/.test(address) || met.has(address)) continue;
        const like = kind(bare) + address.slice(bare.length).replace(/=.*/, '');
        if ((seen.get(like) ?? 0) >= each) continue;
        seen.set(like, (seen.get(like) ?? 0) + 1);
        met.add(address);
        waiting.push(address);
      }
    }
  }
  return { looked, wrong, met };
}
