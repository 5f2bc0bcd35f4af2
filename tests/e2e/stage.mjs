// What the journeys share: a stage (stage.cpp) or a demonstration as a child of the test, people signed in, and the eye on a page.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../../web/scripts/browser.mjs';

export const house = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(join(house, 'web', 'package.json'));
export const axe = require('axe-core');
export { openBrowser };
export const password = 'landglass-demo';

export function shots(name) {
  const folder = join(house, 'build', 'shots', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return (file) => join(folder, `${file}.png`);
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

export async function openDemo(program, lots = 9) {
  const folder = scratch();
  const child = spawn(program, ['demo', '--folder', join(folder, 'demo'), '--port', '0', '--lots', `${lots}`], { cwd: house, stdio: ['ignore', 'pipe', 'inherit'] });
  const root = await new Promise((found, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const at = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (at) found(at[0]);
    });
    child.once('exit', (code) => failed(new Error(`the demonstration ended with ${code}`)));
  });
  return { root, async close() { await stopped(child); rmSync(folder, { recursive: true, force: true }); } };
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
  const page = await context.newPage();
  const said = [];
  page.on('pageerror', (error) => said.push(`page error: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') said.push(`console: ${message.text()} ${message.location().url ?? ''}`); });
  const one = { context, page, said, login,
    async signIn() {
      // All of a journey's people sign in from one address, on a quick machine faster than it may: who is told to wait, waits.
      for (let again = 0; ; ++again) {
        await page.goto(`${root}/login`);
        await page.fill('#login-name', one.login);
        await page.fill('#login-password', password);
        const [answer] = await Promise.all([page.waitForResponse((got) => got.request().method() === 'POST'), page.waitForEvent('framenavigated'), page.click('form.form button')]);
        await page.waitForLoadState('load');
        if (answer.status() !== 429 || again === 5) break;
        said.length = 0;
        await new Promise((wait) => { setTimeout(wait, 1_000 * Number(answer.headers()['retry-after'] ?? '1')); });
      }
      if (new URL(page.url()).pathname.startsWith('/login')) throw new Error(`${one.login} is not let in: ${(await page.textContent('main')).replace(/\s+/g, ' ')}`);
      sessions.set(`${root} ${one.login}`, await context.cookies());
    },
    open: (path) => page.goto(root + path) };
  const held = login && sessions.get(`${root} ${login}`);
  if (held) {
    await context.addCookies(held);
    await page.goto(`${root}/desk`);
    if (!new URL(page.url()).pathname.startsWith('/login')) return one;
  }
  if (login) await one.signIn();
  return one;
}

// A form as a person fills it: by the fields' names, ticks by a list of values.
export async function fill(page, form, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = page.locator(`${form} [name="${name}"]`);
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
  await page.locator(`details:has(${form}) summary`).click().catch(() => undefined);
  await fill(page, form, values);
  await Promise.all([page.waitForEvent('framenavigated', { timeout: 20_000 }), page.click(`${form} button.button`)]);
  await page.waitForLoadState('load');
}
// The same where it must take place: the record's page comes back, of an open record with the leaf's number.
export async function act(root, page, record, action, values = {}) {
  await send(root, page, record, action, values);
  if (!new URL(page.url()).pathname.startsWith('/r/')) throw new Error(`${action}: ${(await page.textContent('main')).replace(/\s+/g, ' ')}`);
}

// What axe-core and the width of the screen have against a page as it stands; `rules`: of all rules these only.
export async function look(page, rules) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe.source);
  const found = await page.evaluate((only) => globalThis.axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) }), rules);
  const wrong = [];
  for (const violation of found.violations)
    for (const node of violation.nodes) wrong.push(`${violation.id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1]?.trim() ?? violation.help}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong.push(`wider than the screen by ${wide} px`);
  return wrong;
}
