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

// One address has so many tries a minute, and here everybody has the same: whoever is told to wait does so.
const patient = async (address, options) => {
  for (;;) {
    const answer = await fetch(address, options);
    if (answer.status !== 429) return answer;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after'))));
  }
};

// Signed in: what his session may send.
async function signIn(root, login) {
  const answer = await patient(`${root}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: root }, body: JSON.stringify({ login, password: `a long password of ${login}` }) });
  assert.equal(answer.status, 200, login);
  const headers = { cookie: answer.headers.get('set-cookie').split(';')[0], 'x-csrf-token': (await answer.json()).csrf, origin: root, 'content-type': 'application/json' };
  return {
    send: async (command) => {
      const reply = await fetch(`${root}/api/commands`, { method: 'POST', headers: { ...headers, 'idempotency-key': randomUUID() }, body: JSON.stringify(command) });
      return { status: reply.status, body: await reply.json() };
    },
    page: (path) => fetch(root + path, { redirect: 'manual', headers: { cookie: headers.cookie, accept: 'text/html', 'accept-language': 'zh' } }),
    post: async (path, fields) => {
      const reply = await fetch(root + path, { method: 'POST', redirect: 'manual', headers: { cookie: headers.cookie, origin: root, accept: 'text/html', 'accept-language': 'zh', 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields) });
      return { status: reply.status, text: await reply.text() };
    },
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
  let account;
  let clerk;
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
  // What his slip says, as whoever is signed in sees it.
  const half = async (caller) => {
    const page = await caller.page(`/account/half/${account.split('/')[1]}`);
    const text = await page.text();
    return { status: page.status, code: /[A-Z2-7]{4}(?: [A-Z2-7]{4}){3}/.exec(text)?.[0], text };
  };
  const open = async (fields, login = 'li') => {
    const answer = await patient(`${root}/join/official`, { method: 'POST', redirect: 'manual', headers: { origin: root, accept: 'text/html', 'accept-language': 'zh', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ number: account.split('/')[1], login, password: `a long password of ${login}`, again: `a long password of ${login}`, ...fields }) });
    return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
  };
  await step('an account is given out by two, each with half of its code, and opened by whose it is', async () => {
    const proposed = await system.send({ institution: 'official-account', fields: { person: 'person/li' } });
    assert.equal(proposed.status, 200, JSON.stringify(proposed.body));
    account = proposed.body.record;
    assert.equal((await half(system)).status, 409, 'no code before it is confirmed');
    assert.equal((await system.send({ record: account, action: 'confirm', fields: {} })).status, 403);
    assert.equal((await security.send({ record: account, action: 'confirm', fields: {} })).status, 200);
    const [first, second] = [await half(system), await half(security)];
    assert.ok(first.code && second.code && first.code !== second.code, first.text.slice(0, 300));
    assert.ok(!first.text.includes(second.code) && !second.text.includes(first.code));
    for (const wrong of [{ first: first.code, second: first.code }, { first: second.code, second: first.code }, { first: first.code, second: '' }]) {
      const refused = await open(wrong);
      assert.equal(refused.status, 422, JSON.stringify(wrong));
      assert.ok(refused.text.includes('ACCOUNT-SLIP'));
    }
    const taken = await open({ first: first.code, second: second.code }, 'sysadmin');
    assert.ok(taken.status === 422 && taken.text.includes('ACCOUNT-TAKEN'), taken.text.slice(taken.text.indexOf('role="alert"')).slice(0, 300));
    const opened = await open({ first: first.code.toLowerCase().replaceAll(' ', '-'), second: second.code });
    assert.equal(opened.status, 303, opened.text.slice(0, 600));
    assert.equal(opened.to, '/desk');
    assert.equal((await open({ first: first.code, second: second.code }, 'another')).status, 422, 'a code opens one account, once');
    assert.equal((await half(system)).status, 409, 'and is shown no more');
    clerk = await signIn(root, 'li');
  });
  await step('once the security administrator has confirmed, the clerk has a desk', async () => {
    assert.doesNotMatch(await (await clerk.page('/desk')).text(), /交易组织岗/);
    const confirmed = await security.send({ record: seat, action: 'confirm', fields: {} });
    assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
    const desk = await clerk.page('/desk');
    assert.equal(desk.status, 200);
    assert.match(await desk.text(), /交易组织岗/);
  });
  await step('he gives a programme a token, and takes it back', async () => {
    const page = await (await clerk.page('/account')).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)[1];
    const made = await clerk.post('/account/token', { csrf, label: '档案系统', days: '30' });
    const token = /lgt_[A-Za-z0-9_-]{43}/.exec(made.text)[0];
    const asked = () => fetch(`${root}/api/commands`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: JSON.stringify({ institution: 'office', fields: { key: 'own', name: '自立', short: '自', region: '350124', kind: 'trading' } }) });
    assert.equal((await asked()).status, 403, 'it may do what he may, and this he may not');
    for (const days of ['0', '400', 'many']) assert.equal((await clerk.post('/account/token', { csrf, label: '档案系统', days })).status, 422, days);
    const handle = /name="handle" value="([^"]+)"/.exec((await (await clerk.page('/account')).text()).split('id="tokens"')[1])[1];
    assert.equal((await clerk.post('/account/token/end', { csrf, handle })).status, 303);
    assert.equal((await asked()).status, 401);
  });
  await step('an account that the security administrator ends is ended at once, and a new one takes its place', async () => {
    assert.equal((await clerk.page('/account')).status, 200);
    const ended = await security.send({ record: account, action: 'end', fields: { reason: '手机遗失' } });
    assert.equal(ended.status, 200, JSON.stringify(ended.body));
    let status = 200;
    for (let tries = 0; status === 200 && tries < 100; ++tries) {
      status = (await clerk.page('/account')).status;
      if (status === 200) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(status, 303, 'sent to sign in');
    account = (await system.send({ institution: 'official-account', fields: { person: 'person/li' } })).body.record;
    assert.equal((await security.send({ record: account, action: 'confirm', fields: {} })).status, 200);
    const opened = await open({ first: (await half(system)).code, second: (await half(security)).code });
    assert.equal(opened.status, 303, opened.text.slice(0, 600));
    await signIn(root, 'li');
  });
  await step('a citizen opens an account for himself, under a login that nobody has', async () => {
    const join = async (fields) => {
      const answer = await patient(`${root}/join`, { method: 'POST', redirect: 'manual', headers: { origin: root, accept: 'text/html', 'accept-language': 'zh', 'content-type': 'application/x-www-form-urlencoded' },
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
