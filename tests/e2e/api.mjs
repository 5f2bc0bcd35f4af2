// The API as a stranger's program sees it: an OpenAPI document that a foreign validator takes and that says what the server
// does, problems with code and law, feeds, CSV, the live stream that resumes, openings.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { house, openStage } from './stage.mjs';

const [, , program, landglass] = process.argv;
const require = createRequire(join(house, 'web', 'package.json'));
const { Validator } = await import(require.resolve('@seriousme/openapi-schema-validator'));
const stage = await openStage(program);
const { root, ask } = stage;
let steps = 0;
const step = async (name, run) => { await run(); steps += 1; console.log(`  ${name}`); };
const get = (path, headers = {}) => fetch(root + path, { headers, redirect: 'manual' });
const day = 86_400_000;

// Entries of an Atom document by a parser of other people; it refuses what is not well formed or lacks what RFC 4287 asks.
const reads = `import sys, xml.etree.ElementTree as e
t = e.fromstring(sys.stdin.buffer.read()); n = "{http://www.w3.org/2005/Atom}"
assert t.tag == n + "feed" and all(t.find(n + k) is not None for k in ("id", "title", "updated"))
assert all(x.find(n + k) is not None for x in t.findall(n + "entry") for k in ("id", "title", "updated"))
print(len(t.findall(n + "entry")))`;
const entriesOf = (atom) => Number(execFileSync('python3', ['-c', reads], { input: atom }).toString());

// Events of a stream until `enough` says so.
async function events(path, enough, headers = {}) {
  const stop = new AbortController();
  const answer = await fetch(root + path, { headers, signal: stop.signal });
  assert.equal(answer.headers.get('content-type').split(';')[0], 'text/event-stream');
  const list = [];
  let rest = '';
  const late = setTimeout(() => stop.abort(), 20_000);
  try {
    for await (const bytes of answer.body) {
      rest += Buffer.from(bytes).toString('utf8');
      const parts = rest.split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const event = Object.fromEntries(part.split('\n').filter((line) => /^\w+: /.test(line)).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        if (event.data) list.push({ id: event.id, name: event.event, data: JSON.parse(event.data) });
      }
      if (enough(list)) break;
    }
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  } finally {
    clearTimeout(late);
    stop.abort();
  }
  return list;
}

try {
  const { lot } = await ask('announce', { location: '=cmd|危险, "引号"' });
  const key = lot.split('/')[1];
  const document = await (await get('/openapi.json')).json();
  await step('the OpenAPI document is valid 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    assert.ok(result.valid, JSON.stringify(result.errors ?? []).slice(0, 2_000));
    assert.equal(document.openapi, '3.1.0');
  });
  await step('every reference in it leads somewhere, and every act of the pack is in it', async () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((found) => found[1]);
    for (const ref of new Set(refs)) assert.ok(ref.split('/').reduce((at, name) => at?.[name], document), ref);
    const { oneOf } = document.paths['/api/commands'].post.requestBody.content['application/json'].schema;
    assert.ok(oneOf.some((one) => one.$ref.endsWith('/land-listing.announce')));
    assert.deepEqual(document.components.schemas['application.create'].properties.fields.required.includes('bid_key'), true);
  });
  await step('every address it names without a body is served', async () => {
    for (const [path, item] of Object.entries(document.paths)) {
      if (!item.get || path.startsWith('/live')) continue;
      const size = Number((await (await get('/checkpoint/logged')).text()).split('\n')[1]);
      const whole = size < 256 ? `.p/${size}` : '';
      const answer = await get(path.replace('{field}', 'fair_review').replace('{leaf}', '5').replace('{institution}', 'land-listing').replace('{key}', key).replace('{index}', '5').replace('{year}', '2011').replace('{path}', `0/000${whole}`));
      if (!item.get.security) {
        assert.equal(answer.status, 401, `${path} is answered to nobody`);
        continue;
      }
      // What a lot holds is no stranger's to open; files that are, are opened in powers.mjs.
      if (path.startsWith('/files/')) {
        assert.ok(['FILE-03', 'EN-01'].includes((await answer.json()).code), path);
        continue;
      }
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('content-type').split(';')[0], Object.keys(item.get.responses['200'].content)[0], path);
    }
  });
  await step('what a machine needs is named: bids, streams, tiles, sessions, files, statements, certificates', async () => {
    for (const [path, method] of [['/bids/{key}', 'post'], ['/live/{key}', 'get'], ['/tile/{path}', 'get'], ['/api/session', 'post'], ['/api/files', 'post'], ['/api/statements', 'post'],
      ['/api/certificates', 'post']]) assert.ok(document.paths[path]?.[method], `${method} ${path}`);
    const asked = await fetch(`${root}/api/certificates`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ number: 'x', holder: 'y' }) });
    assert.deepEqual(await asked.json(), { match: false, state: '', told: {} });
  });
  await step('a problem has code, both languages, and the law where a law refuses', async () => {
    const missing = await get('/api/records/land-listing/none');
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('content-type').split(';')[0], 'application/problem+json');
    const none = await missing.json();
    assert.ok(none.code && none.say.zh && none.say.en && none.status === 404);
    for (const path of ['/nothing', '/receipt/x', '/receipt/99999999', '/api/list/application', '/csv/deposit', '/tile/0/999', '/openings/abc', '/log/xyz']) {
      const answer = await get(path, { accept: 'application/json' });
      assert.equal(answer.status, 404, path);
      const problem = await answer.json();
      assert.ok(problem.code && problem.say.zh, path);
    }
    const session = await fetch(`${root}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: 'clerk', password: 'landglass-demo' }) });
    assert.equal(session.status, 200);
    const { csrf } = await session.json();
    const cookie = session.headers.get('set-cookie').split(';')[0];
    const command = (fields, id) => fetch(`${root}/api/commands`, { method: 'POST', body: JSON.stringify(fields),
      headers: { cookie, 'x-csrf-token': csrf, origin: root, 'content-type': 'application/json', 'idempotency-key': id } });
    const refused = await command({ record: lot, action: 'correct', fields: { reason: '提前', opens: new Date(Date.now() - 59 * day).toISOString().replace(/\.\d+/, '') } }, 'a1');
    assert.equal(refused.status, 422);
    const problem = await refused.json();
    assert.match(problem.code, /^LL-/);
    assert.ok(problem.law, 'no law');
    const keyless = await fetch(`${root}/api/commands`, { method: 'POST', body: '{"institution":"supply-plan","fields":{}}', headers: { cookie, 'x-csrf-token': csrf, origin: root, 'content-type': 'application/json' } });
    assert.equal(keyless.status, 400);
    assert.equal((await keyless.json()).code, 'KEY-FORM');
    // A file is cited by its hash: what was never handed in, or waited too long and was purged, is not cited.
    const cite = (evidence, id) => command({ record: lot, action: 'freeze', fields: { ground: 'no-such-ground', evidence } }, id);
    const absent = await (await cite('0'.repeat(63) + '1', 'a3')).json();
    assert.equal(absent.code, 'FILE-02');
    assert.equal(absent.where, 'evidence');
    const handed = await fetch(`${root}/api/files`, { method: 'POST', headers: { cookie, 'x-csrf-token': csrf, origin: root }, body: 'a paper' });
    assert.equal(handed.status, 201);
    assert.notEqual((await (await cite((await handed.json()).hash, 'a4')).json()).code, 'FILE-02');
    const wrong = await command({ record: lot, action: 'freeze', fields: { ground: 'no-such-ground' } }, 'a2');
    assert.ok(wrong.status >= 400 && (await wrong.json()).code);
  });
  await step('the feeds name each change by the index of its leaf', async () => {
    const json = await (await get('/feed.json')).json();
    assert.equal(json.version, 'https://jsonfeed.org/version/1.1');
    assert.ok(json.items.length > 10);
    assert.ok(json.items.every((item, i) => i === 0 || Number(item.id) < Number(json.items[i - 1].id)));
    const leaf = await (await get(`/receipt/${json.items[0].id}`)).json();
    assert.ok(JSON.stringify(leaf).includes(json.items[0]._landglass.record.split('/')[1]));
    const atom = await (await get('/feed')).text();
    assert.equal(entriesOf(atom), json.items.length);
    const again = await get('/feed', { 'if-none-match': (await get('/feed')).headers.get('etag') });
    assert.equal(again.status, 304);
  });
  await step('a register as CSV keeps commas and quotes, and no cell is a formula', async () => {
    const answer = await get('/csv/land-listing', { cookie: 'lang=zh' });
    const csv = await answer.text();
    assert.ok(csv.includes('坐落') && csv.includes('起始价（元）') && csv.includes('面积（平方米）'), 'a figure says its unit');
    assert.match(csv, /(住宅|商服|工业)用地/, 'a code is told in words');
    assert.match(csv.split('\r\n')[1], /,20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,/, 'a spreadsheet reads the moment');
    assert.ok(csv.includes(`"'=cmd|危险, ""引号"""`), csv.slice(0, 400));
    assert.ok(!csv.includes('竞得人名称,') || !/福州|闽江/.test(csv));
  });
  await step('the live stream begins with the state, and resumes after the last event seen', async () => {
    await stage.advance(6 * day);
    await ask('apply', { lot, bidders: 2, deposit: 2_000_000 });
    await stage.advance(16 * day);
    await ask('offer', { lot, bidder: 0, yuan: 10_000_000 });
    const following = events(`/live/${key}`, (list) => list.at(-1)?.data.price === '10100000.00');
    await new Promise((done) => { setTimeout(done, 700); });
    await ask('offer', { lot, bidder: 1, yuan: 10_100_000 });
    const list = await following;
    assert.equal(list[0].data.price, '10000000.00');
    assert.ok(list.every((one) => one.data.ladder.every((rung) => rung.plate === undefined)));
    await ask('offer', { lot, bidder: 0, yuan: 10_200_000 });
    await new Promise((done) => { setTimeout(done, 500); });
    const rest = await events(`/live/${key}`, (more) => more.at(-1)?.data.price === '10200000.00', { 'last-event-id': list.at(-1).id });
    assert.ok(rest.every((one) => one.data.price !== '10000000.00'), 'it began anew instead of going on');
  });
  await step('openings of an offer are nobody\'s before the close', async () => {
    const doc = await (await get(`/api/records/${lot}`)).json();
    const leaf = doc.behaviour.offers[0].leaf;
    assert.deepEqual(await (await get(`/openings/${leaf}`)).json(), []);
  });
  await step('a table is tried row by row, and only what is not refused is registered, once', async () => {
    const answer = await fetch(`${root}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: 'land-use', password: 'landglass-demo' }) });
    const { csrf } = await answer.json();
    const cookie = answer.headers.get('set-cookie').split(';')[0];
    const rows = '行政区,年度,供应总量\n350124,2031,2000000\n350124,第二年,1\n350124,2032,"3,000,000"\n350124\n';
    const send = async (path, fields) => {
      const page = await fetch(root + path, { method: 'POST', redirect: 'manual', headers: { cookie, origin: root, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf, ...fields }) });
      assert.equal(page.status, 200, path);
      return page.text();
    };
    const count = async () => (await (await get('/api/list/supply-plan')).json()).records.length;
    const before = await count();
    const tried = await send('/bulk/supply-plan', { rows });
    assert.match(tried, /2 行可以登记，2 行不予办理/);
    assert.ok(tried.includes('EN-09') && tried.includes('BULK-04'));
    assert.equal(await count(), before, 'trying registers nothing');
    assert.match(tried, /200\.0000 公顷/, 'an area as it was understood');
    // A table as a Chinese spreadsheet saves it: 行政区,年度,供应总量 in GB 18030.
    const saved = new FormData();
    saved.set('csrf', csrf);
    const head = [0xd0, 0xd0, 0xd5, 0xfe, 0xc7, 0xf8, 0x2c, 0xc4, 0xea, 0xb6, 0xc8, 0x2c, 0xb9, 0xa9, 0xd3, 0xa6, 0xd7, 0xdc, 0xc1, 0xbf];
    saved.set('table', new Blob([new Uint8Array(head), '\r\n350124,2033,1000000\r\n']), 'plan.csv');
    const fromSheet = await fetch(`${root}/bulk/supply-plan`, { method: 'POST', headers: { cookie, origin: root, accept: 'text/html' }, body: saved });
    assert.match(await fromSheet.text(), /1 行可以登记，0 行不予办理/);
    const command = /name="command" value="([0-9a-f]{32})"/.exec(tried)[1];
    const done = await send('/bulk/supply-plan/send', { rows, command });
    assert.match(done, /已登记 2 行，2 行不予办理/);
    assert.equal(await count(), before + 2);
    assert.match(await send('/bulk/supply-plan/send', { rows, command }), /已登记 2 行/);
    assert.equal(await count(), before + 2, 'sent again, it is answered again');
    assert.match(await (await get('/list/supply-plan?sort=-year', { accept: 'text/html', cookie: 'lang=zh' })).text(), /2032[\s\S]*2031/);
  });
  await step('a bidder has the receipt of his sealed application, once it counts nobody any more', async () => {
    const signIn = async (login) => {
      const answer = await fetch(`${root}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password: 'landglass-demo' }) });
      return { cookie: answer.headers.get('set-cookie').split(';')[0], accept: 'application/json' };
    };
    let [his, other] = [await signIn('bidder1'), await signIn('bidder4')];
    const { list } = await ask('secrets', { lot });
    const id = `application/${list[0]}`;
    const { leaves } = await (await get(`/api/records/${id}`, his)).json();
    const address = `/receipt/sealed/${id}/${leaves[0]}`;
    assert.equal((await get(address, his)).status, 409, 'before the close the number of a leaf would count applicants');
    assert.equal((await get(address, other)).status, 404);
    await stage.advance(20 * day);
    await ask('open-reserve', { lot });
    [his, other] = [await signIn('bidder1'), await signIn('bidder4')];  // their sessions are over as well
    const receipt = await get(address, his);
    assert.equal(receipt.status, 200);
    assert.equal((await get(address, other)).status, 404, 'a stranger learns that there is such a leaf');
    assert.equal((await get(address, { accept: 'application/json' })).status, 401);
    const body = await receipt.text();
    assert.ok(JSON.parse(body).openings.some((one) => one.path === 'applicant_name'));
    const folder = mkdtempSync(join(tmpdir(), 'landglass-receipt-'));
    try {
      const [file, policy] = [join(folder, 'receipt.json'), join(folder, 'policy')];
      writeFileSync(file, body);
      writeFileSync(policy, await (await get('/policy')).text());
      const verdict = execFileSync(landglass, ['verify', 'receipt', file, '--policy', policy, '--json']).toString();
      assert.match(verdict, /"logged"|"witnessed"/);
      writeFileSync(file, body.replace(/(\\"applicant\\":\\"party\/)[^\\]+/, '$1somebody-else'));
      assert.throws(() => execFileSync(landglass, ['verify', 'receipt', file, '--policy', policy], { stdio: 'ignore' }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  await step('a name that was published and then erased is in no file that is taken afterwards', async () => {
    await ask('act', { by: 'clerk', record: lot, action: 'confirm' });
    await ask('act', { by: 'reviewer', record: lot, action: 'pass-review' });
    await ask('act', { by: 'clerk', record: lot, action: 'publish-result' });
    const { fields } = await (await get(`/api/records/${lot}`)).json();
    const name = fields.winner_name;
    assert.ok(name && fields.winner, JSON.stringify(fields));
    const take = async () => Promise.all(['csv', 'json'].map(async (kind) => {
      const answer = await get(`/open-data/land-listing.${kind}`, { cookie: 'lang=zh' });
      return { text: await answer.text(), tag: answer.headers.get('etag') };
    }));
    const before = await take();
    assert.ok(before.every((one) => one.text.includes(name)), 'the name was not open');
    const { record } = await ask('create', { by: 'secadmin', institution: 'erasure', fields: { subject: fields.winner, cause: 'request', reason: '本人申请' } });
    await ask('act', { by: 'auditadmin', record, action: 'approve' });
    assert.deepEqual((await take()).map((one) => one.tag), before.map((one) => one.tag), 'other bytes though the register is the same');
    await stage.advance(day);
    const shown = async () => (await (await get(`/api/records/${lot}`)).text()).includes(name);
    for (let i = 0; i < 100 && await shown(); i += 1) await new Promise((done) => { setTimeout(done, 100); });
    assert.ok(!await shown(), 'it was not erased');
    assert.ok((await take()).every((one) => !one.text.includes(name)), 'the erased name is still given out');
  });
  console.log(`api: ${steps} steps, all well`);
} finally {
  await stage.close();
}
