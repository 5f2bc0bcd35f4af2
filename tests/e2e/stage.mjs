// What the journeys share: a stage (stage.cpp) as a child of the test, people signed in, and the eye on a page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../../web/scripts/browser.mjs';
import { look, picture, watched } from '../../web/scripts/look.mjs';

export const house = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export { look, openBrowser, picture, watched };
export const password = 'landglass-demo';

export function shots(name) {
  const folder = join(house, 'build', 'shots', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let number = 0;
  // The next picture of a journey.
  const keep = (page, name) => picture(page, join(folder, `${String(++number).padStart(2, '0')}-${name}`));
  return Object.assign(keep, { as: (name) => join(folder, name), kept: () => number });
}

function scratch() {
  mkdirSync(join(house, 'build', 'e2e'), { recursive: true });
  return mkdtempSync(join(house, 'build', 'e2e', 'run-'));
}

async function stopped(child) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.stdin?.end();  // the stage waits for its commands to end
  const end = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const code = await end;
  clearTimeout(late);
  return code;
}

// The stage: `ask` sends it a command and gives its answer; an error is thrown with its words.
export async function openStage(program, days = 60, ...more) {
  const folder = scratch();
  const child = spawn(program, [folder, `${days}`, ...more], { cwd: house, stdio: ['pipe', 'pipe', more.includes('tips') ? 'pipe' : 'inherit'] });
  let said = '';  // of a stage of tips: its access log, and what else it says
  child.stderr?.on('data', (part) => { said += part; });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the stage has ended');
      if (value.startsWith('{') || value.startsWith('[')) return JSON.parse(value);
    }
  };
  const { port, logins } = await answer();
  let turn = Promise.resolve();
  const ask = (what, given = {}) => {
    turn = turn.catch(() => undefined).then(async () => {
      child.stdin.write(`${JSON.stringify({ do: what, ...given })}\n`);
      const got = await answer();
      if (got && typeof got === 'object' && 'error' in got) throw new Error(`${what}: ${got.error}`);
      return got;
    });
    return turn;
  };
  return { root: `http://127.0.0.1:${port}`, folder, logins, ask, advance: (ms) => ask('advance', { ms }), said: () => said,
    async close({ keep = false } = {}) {
      await stopped(child);
      if (!keep) rmSync(folder, { recursive: true, force: true });
    } };
}

// What a journey with tips does on a stage of them: the key of an opener as a file (docs/formats/locked.md), the beat that comes as
// soon as the clock has passed it, and the hour at which what is held is entered.
export function tipsOn(stage) {
  const pause = (ms) => new Promise((wait) => { setTimeout(wait, ms); });
  return {
    keyFile(opener) {
      const path = join(stage.folder, `opener-${opener}.key`);
      writeFileSync(path, `${createHash('sha256').update(`opener ${opener}`).digest('base64url')}\n`);
      return path;
    },
    async beat(done) { for (let i = 0; i < 40 && !(await done()); ++i) { await stage.advance(20_000); await pause(250); } },
    async settled() { await stage.advance(3_600_000); await pause(1_500); },
  };
}

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };

const sessions = new Map();  // of who signed in before: a second visit of the same day goes on with it

// A browser of one person, whose pages tell what went wrong in them.
export async function person(browser, root, login, options = {}) {
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: desktop, acceptDownloads: true, ...options });
  if (options.bypassCSP) await watched(context);
  const page = await context.newPage();
  const said = [];
  page.on('pageerror', (error) => said.push(`page error: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') said.push(`console: ${message.text()} ${message.location().url ?? ''}`); });
  const one = { context, page, said, login, options,
    // What the form of /login sends, without its page: bidders sign in by the page in journey.mjs, who has no script in pages.mjs.
    async signIn() {
      await context.clearCookies();  // who is in already would have to show his token
      // All of a journey's people sign in from one address, on a quick machine faster than it may: who is told to wait, waits.
      for (let again = 0; ; ++again) {
        const answer = await context.request.post(`${root}/login`, { form: { login: one.login, password }, headers: { origin: root }, maxRedirects: 0 });
        if (answer.status() === 303) break;
        if (answer.status() !== 429 || again === 5) throw new Error(`${one.login} is not let in: ${answer.status()} ${(await answer.text()).replace(/\s+/g, ' ')}`);
        await new Promise((wait) => { setTimeout(wait, 1_000 * Number(answer.headers()['retry-after'] ?? '1')); });
      }
      sessions.set(`${root} ${one.login}`, await context.cookies());
    },
    // In: with the session of an earlier visit where it still holds.
    async enter() {
      const held = sessions.get(`${root} ${one.login}`);
      if (held) {
        await context.addCookies(held);
        if ((await context.request.get(`${root}/desk`, { maxRedirects: 0 })).status() === 200) return;
      }
      await one.signIn();
    },
    open: (path) => page.goto(root + path) };
  if (login) await one.enter();
  return one;
}

// The steps of a journey, each said with how long it took.
export function stepper() {
  let count = 0;
  const step = async (name, run) => {
    const began = performance.now();
    try {
      await run();
    } catch (error) {
      console.log(`  FAILED: ${name}`);
      throw error;
    }
    count += 1;
    console.log(`  ${name} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
  };
  return Object.assign(step, { count: () => count });
}

// Somebody's work at a device like this one. Who comes after him sits down at it, with nothing left of him but the styles and
// scripts that everybody gets: a new browser for each costs more than most of what is done in it.
const free = new Map();
export async function visit(browser, root, login, work, options = {}) {
  const kind = `${root} ${JSON.stringify(options)}`;
  const seats = free.get(kind) ?? [];
  free.set(kind, seats);
  const one = seats.pop() ?? await person(browser, root, undefined, options);
  one.login = login;
  one.said.length = 0;
  if (login) await one.enter();
  const done = await work(one.page, one);
  assert.deepEqual(one.said.filter((line) => !/status of 4\d\d/.test(line)), [], `${login ?? 'a stranger'}'s pages complained`);
  await one.page.goto(`${root}/healthz`);  // of the same site: the page goes on in its process
  one.wipe ??= await one.context.newCDPSession(one.page);
  await one.wipe.send('Storage.clearDataForOrigin', { origin: root, storageTypes: 'all' });
  await one.context.clearCookies();
  await one.page.setViewportSize(options.viewport ?? desktop);
  await one.page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
  seats.push(one);
  return done;
}

// A form as a person fills it: by the fields' names, ticks by a list of values.
export async function fill(page, form, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = page.locator(`${form} [name="${name}"]`);
    const folded = page.locator(`${form} .rows-more:not([open]):has([name="${name}"]) > summary`);
    if (await folded.count() > 0) await folded.click();
    if (Array.isArray(value)) {
      for (const tick of await input.all()) await tick.setChecked(value.includes(await tick.getAttribute('value')));
      continue;
    }
    const tag = await input.evaluate((one) => (one instanceof HTMLSelectElement ? 'select' : one.type));
    if (tag === 'select') await input.selectOption(value);
    else if (tag === 'file') await input.setInputFiles({ name: `${name}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4 ${name} 演示`) });
    else await input.fill(value);
  }
}

// The act of a record's page, filled in and sent; what answers is for who asks.
export async function send(root, page, record, action, values = {}) {
  await page.goto(`${root}/r/${record}`);
  const form = `#f-${action}`;
  await page.locator(`details:has(${form}) > summary`).click().catch(() => undefined);
  await fill(page, form, values);
  await Promise.all([page.waitForEvent('framenavigated', { timeout: 20_000 }), page.click(`${form} button.button`)]);
  await page.waitForLoadState('load');
}
// The same where it must take place: the record's page comes back, of an open record with the leaf's number.
export async function act(root, page, record, action, values = {}) {
  await send(root, page, record, action, values);
  if (!new URL(page.url()).pathname.startsWith('/r/')) throw new Error(`${action}: ${(await page.textContent('main')).replace(/\s+/g, ' ')}`);
}
