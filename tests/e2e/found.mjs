// A county begins: an empty machine, a file, three accounts, and from there on the pages alone. Nobody is an official by the
// operator's hand but those three, and none of them makes one alone.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , , landglass] = process.argv;
const folder = mkdtempSync(join(tmpdir(), 'landglass-found-'));
const house = ['--data', join(folder, 'data'), '--keys', join(folder, 'keys')];
const run = (words, input) => execFileSync(landglass, words, { input, encoding: 'utf8' });
let steps = 0;
const step = async (name, work) => { await work(); steps += 1; console.log(`  ${name}`); };
let child;

// Signed in: what his session may send.
async function signIn(root, login) {
  const answer = await fetch(`${root}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: root }, body: JSON.stringify({ login, password: `a long password of ${login}` }) });
  assert.equal(answer.status, 200, login);
  const headers = { cookie: answer.headers.get('set-cookie').split(';')[0], 'x-csrf-token': (await answer.json()).csrf, origin: root, 'content-type': 'application/json' };
  return {
    send: async (command) => {
      const reply = await fetch(`${root}/api/commands`, { method: 'POST', headers: { ...headers, 'idempotency-key': randomUUID() }, body: JSON.stringify(command) });
      return { status: reply.status, body: await reply.json() };
    },
    page: (path) => fetch(root + path, { headers: { cookie: headers.cookie, accept: 'text/html' } }),
  };
}

try {
  await step('three people are founded, and each has an account', () => {
    const founded = JSON.parse(run(['found', 'packs/cn-land/worlds/founding.yaml', ...house, '--origin', 'land.county.example', '--json']));
    assert.deepEqual(founded.people.map((one) => one.actor), ['person/sysadmin', 'person/secadmin', 'person/auditadmin']);
    for (const { key, actor } of founded.people) run(['user', 'add', key, '--actor', actor, ...house], `a long password of ${key}\n`);
  });
  child = spawn(landglass, ['serve', ...house, '--origin', 'land.county.example', '--port', '0']);
  let said = '';
  const root = await new Promise((resolve, reject) => {
    const hear = (bytes) => { said += bytes; const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said); if (found) resolve(found[0]); };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`it ended by itself, ${code}: ${said.slice(-800)}`)));
  });
  const system = await signIn(root, 'sysadmin');
  const security = await signIn(root, 'secadmin');
  let seat;
  await step('the system administrator sets up an office, a post and a person, and proposes him', async () => {
    for (const [institution, fields] of [
      ['office', { key: 'jyzx', name: '闽清县土地交易中心', short: '梅土', region: '350124', kind: 'trading' }],
      ['post', { key: 'clerk', title: '交易组织岗', office: 'office/jyzx', roles: ['organiser'] }],
      ['person', { key: 'li', name: '李某某' }],
    ]) {
      const made = await system.send({ institution, fields });
      assert.equal(made.status, 200, JSON.stringify(made.body));
    }
    const proposed = await system.send({ institution: 'appointment', fields: { person: 'person/li', post: 'post/clerk', from: '2012-02-08' } });
    assert.equal(proposed.status, 200, JSON.stringify(proposed.body));
    seat = proposed.body.record;
  });
  await step('he does not confirm it himself, nor does the security administrator propose', async () => {
    const own = await system.send({ record: seat, action: 'confirm', fields: {} });
    assert.equal(own.status, 403, JSON.stringify(own.body));
    const other = await security.send({ institution: 'appointment', fields: { person: 'person/li', post: 'post/clerk', from: '2012-02-08' } });
    assert.equal(other.status, 403, JSON.stringify(other.body));
  });
  await step('once the security administrator has confirmed, the clerk has a desk', async () => {
    run(['user', 'add', 'li', '--actor', 'person/li', ...house], 'a long password of li\n');
    const clerk = await signIn(root, 'li');
    assert.doesNotMatch(await (await clerk.page('/desk')).text(), /交易组织岗/);
    const confirmed = await security.send({ record: seat, action: 'confirm', fields: {} });
    assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
    const desk = await clerk.page('/desk');
    assert.equal(desk.status, 200);
    assert.match(await desk.text(), /交易组织岗/);
  });
  await step('a citizen opens an account for himself, under a login that nobody has', async () => {
    const join = async (fields) => {
      const answer = await fetch(`${root}/join`, { method: 'POST', redirect: 'manual', headers: { origin: root, accept: 'text/html', 'accept-language': 'zh', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ login: 'zhao', password: 'a long password of zhao', again: 'a long password of zhao', kind: 'person', name: '赵某某', number: '11010519491231002X', contact: '', ...fields }) });
      return { status: answer.status, to: answer.headers.get('location'), text: await answer.text(), cookie: answer.headers.get('set-cookie')?.split(';')[0] };
    };
    for (const [wrong, code] of [[{ login: 'sysadmin' }, 'ACCOUNT-TAKEN'], [{ password: 'short', again: 'short' }, 'ACCOUNT-PASSWORD'], [{ again: 'another' }, 'ACCOUNT-AGAIN'], [{ name: '' }, 'EN-08'], [{ kind: 'ministry' }, 'EN-09']]) {
      const refused = await join(wrong);
      assert.ok(refused.status >= 400 && refused.status < 500, `${code}: ${refused.status}`);
      assert.ok(refused.text.includes(code), `${code}: ${/[A-Z]+-[0-9A-Z]+ [^<]*/.exec(refused.text.slice(refused.text.indexOf('role="alert"')))}`);
    }
    // What the register refused left no account behind: the same login is free.
    const opened = await join({});
    assert.equal(opened.status, 303, opened.text.slice(0, 300));
    assert.equal(opened.to, '/desk');
    const account = await fetch(`${root}/account`, { headers: { cookie: opened.cookie, accept: 'text/html', 'accept-language': 'zh' } });
    const page = await account.text();
    assert.match(page, /赵某某/);
    assert.match(page, /启用动态口令/);
    await signIn(root, 'zhao');
  });
  await step('the log has the founding and no name, and what it holds is what the tables show', async () => {
    const leaves = Number((await (await fetch(`${root}/checkpoint/logged`)).text()).split('\n')[1]);
    assert.ok(leaves >= 19, `${leaves} leaves`);
    for (let index = 0; index < leaves; ++index) {
      const leaf = await (await fetch(`${root}/log/${index}`, { headers: { accept: 'application/json' } })).text();
      assert.ok(!leaf.includes('某某'), `a name stands in leaf ${index}`);
    }
    assert.match(run(['rebuild', '--check', ...house]), /fit/);
  });
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(`${code} ${signal}`)));
  child.kill('SIGTERM');
  assert.equal(await ended, '0 null');
  child = undefined;
} finally {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${steps} passed, 0 failed`);
