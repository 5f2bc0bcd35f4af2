// The observer of tips: with none, one and five tips in the same hours, everything that a stranger can read, the access log, and
// the times and sizes of every file in the folder after each step are the same, and no dump of the folder holds a word of them. The
// clock is moved in steps of a beat, so that "to the minute" is here: to the step.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { house, openStage } from './stage.mjs';

const [, , program] = process.argv;
const sodium = createRequire(join(house, 'web', 'package.json'))('libsodium-wrappers');
await sodium.ready;
const hour = 3_600_000, beatMs = 20_000;
let steps = 0;
const step = async (name, run) => { await run(); steps += 1; console.log(`  ${name}`); };
const pause = (ms) => new Promise((wait) => { setTimeout(wait, ms); });
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((one) => Buffer.from(one)))).digest();

// What a browser locks (docs/formats/tips.md), to any one of these.
function lock(text, keys) {
  const value = Buffer.alloc(4096, ' ');
  value.write(JSON.stringify({ format: 'landglass/tip-message/1', text }));
  const salt = randomBytes(32), length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  const plain = Buffer.concat([salt, length, value, Buffer.alloc(4352 - 36 - value.length)]);
  const openers = keys.map((key) => Buffer.from(key, 'base64url')).sort(Buffer.compare);
  const commitment = sha256('landglass/locked/1\n', salt, value).toString('hex');
  return { commitment, document: JSON.stringify({ boxes: openers.map((key, i) => ({ box: base64url(sodium.crypto_box_seal(plain, key)), by: [i], left: [i] })), commitment, format: 'landglass/locked/1', k: 1, openers: openers.map(base64url) }) };
}
function reporter() {
  const mailbox = randomBytes(32), voice = sodium.crypto_sign_keypair(), reply = sodium.crypto_box_keypair();
  const key = sha256('landglass/tip-mailbox/1\n', mailbox).subarray(0, 16).toString('hex');
  return { mailbox: base64url(mailbox), key, voice: base64url(voice.publicKey), reply_key: base64url(reply.publicKey), sign: (commitment) => base64url(sodium.crypto_sign_detached(`landglass/tip-voice/1\n${key}\n${commitment}`, voice.privateKey)) };
}
const post = (root, path, body) => fetch(root + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const plain = (text) => text
  .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => 'T'.repeat(time.length))
  .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?/g, (time) => 't'.repeat(time.length))
  .replace(/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, (time) => 't'.repeat(time.length))
  .replace(/\b\d\d-\d\d \d\d:\d\d\b/g, (time) => 't'.repeat(time.length))
  .replace(/\d{4}-\d\d-\d\d/g, 'dddd-dd-dd').replace(/\d{8}-\d{4}/g, 'hhhhhhhh-hhhh')
  .replace(/127\.0\.0\.1:\d+/g, 'host')
  .replace(/[0-9a-f]{16,}/g, (hash) => `h${hash.length}`)
  .replace(/[A-Za-z0-9+/_-]{40,}={0,2}/g, (code) => `b${code.length}`);
const quiet = new Set(['date', 'etag', 'x-request-id', 'last-modified']);

async function read(root, path) {
  const answer = await fetch(root + path, { headers: { 'x-forwarded-for': '203.0.113.7', accept: path.startsWith('/api') ? 'application/json' : 'text/html' } });
  const headers = [...answer.headers].filter(([name]) => !quiet.has(name)).map(([name, value]) => `${name}: ${value.replace(/127\.0\.0\.1:\d+/g, 'host')}`).sort();
  return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
}
async function view(root) {
  const seen = {};
  const checkpoint = await read(root, '/checkpoint');
  const size = Number(checkpoint.body.toString().split('\n')[1]);
  for (const path of ['/', '/list', '/list/tip-roll', '/list/tip-result', '/list/tip', '/list/tip-message', '/list/tip-opener', '/api/list/tip', '/api/list/tip-message', '/api/list/tip-roll', '/api/list/tip-result', '/api/list/sealed-anchor', '/csv/tip-roll', '/csv/tip', '/csv/tip-result',
    '/i/tip', '/i/tip-roll', '/feed', '/feed.json', '/log', '/metrics', '/healthz', '/readyz', '/warnings', '/verify', '/openapi.json', '/policy', '/checkpoint', '/tip', '/tip/back', '/api/tips/choices', '/receipt/sealed/tip/0/0']) seen[path] = await read(root, path);
  for (let tile = 0; tile * 256 < size; ++tile) {
    const width = Math.min(256, size - tile * 256);
    const name = `${String(tile).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
    for (const path of [`/tile/entries/${name}`, `/tile/0/${name}`]) seen[path] = await read(root, path);
  }
  for (let index = Math.max(0, size - 12); index < size; ++index) for (const path of [`/openings/${index}`, `/log/${index}`]) seen[path] = await read(root, path);
  return { size, seen };
}
const forms = (seen) => Object.fromEntries(Object.entries(seen).map(([path, { status, headers, body }]) => [path, path.startsWith('/tile/0/') ? { status, headers, size: body.length } : { status, headers, text: plain(body.toString('utf8')) }]));

const filesOf = (folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => { try { return statSync(path).isFile(); } catch { return false; } });
function times(folder, before) {
  const now = {};
  for (const path of filesOf(folder)) { const { mtimeMs, size } = statSync(path); now[path.slice(folder.length)] = { mtimeMs, size }; }
  const changed = Object.keys(now).filter((name) => !before || before[name]?.mtimeMs !== now[name].mtimeMs).sort().map((name) => `${name} ${name.endsWith('.box') ? now[name].size : ''}`.trim());
  return { now, changed };
}

const secrets = ['MIZHU-1', 'MIZHU-2', 'MIZHU-3', 'MIZHU-4', 'MIZHU-5'];

async function play(tips) {
  // An hour that ends while a stage is made would be one more for that play alone.
  const left = hour - (Date.now() % hour);
  if (left < 180_000) await pause(left + 1_000);
  const stage = await openStage(program, 60, 'tips');
  const { root } = stage;
  const folder = join(stage.folder, 'data');
  // From the beginning of an hour, so that beats and hours fall on the same steps.
  const { ms } = await stage.ask('now');
  await stage.advance(hour - (ms % hour) + 5_000);
  await pause(1_500);
  const { openers } = JSON.parse((await read(root, '/api/tips/choices')).body.toString());
  const province = openers.filter((one) => one.region === '350000').slice(0, 2);
  const keys = province.map((one) => one.key);
  const people = [], asked = [], changes = [];
  // What was committed comes into the tables, and pages are moved, a moment later: a busy machine makes it a long one.
  let { now: seen } = times(folder);
  for (let changed = ['']; changed.length > 0; ) { await pause(1_000); ({ now: seen, changed } = times(folder, seen)); }
  const look = async (what) => { await pause(700); const { now, changed } = times(folder, seen); seen = now; changes.push(`${what}: ${changed.join(', ')}`); };
  await look('before');
  const send = (who, text) => {
    const { commitment, document } = lock(text, keys);
    asked.push(post(root, '/api/tips', { mailbox: who.mailbox, document, openers: province.map((one) => one.id), subject_office: 'office/zrzy', about_head: true, voice: who.voice, reply_key: who.reply_key, sig: who.sign(commitment) }));
  };
  for (let i = 0; i < tips; ++i) { const who = reporter(); people.push(who); send(who, `局长 ${secrets[i]}`); await read(root, '/tip/back'); }
  if (tips === 0) await read(root, '/tip/back');
  await look('handed in');
  for (let i = 0; i < 3; ++i) { await stage.advance(beatMs); await look(`beat ${i}`); }
  const kept = await Promise.all(asked);
  for (const one of kept) assert.equal(one.status, 200, await one.clone().text());
  await stage.advance(hour - 65_000);
  await look('the hour');
  await look('after it');
  for (const who of people) { const answer = await (await post(root, '/api/tips/mailbox', { mailbox: who.mailbox })).text(); assert.ok(Buffer.byteLength(answer) === 65_536 && JSON.parse(answer).tip.state === 'received', answer.trim().slice(0, 300)); }
  await look('the words were used');
  const nobody = await (await post(root, '/api/tips/mailbox', { mailbox: base64url(randomBytes(32)) })).text();
  assert.equal(Buffer.byteLength(nobody), 65_536);
  if (tips > 0) {
    const { commitment, document } = lock('补充 MIZHU-9', keys);
    const more = post(root, '/api/tips/messages', { mailbox: people[0].mailbox, document, sig: people[0].sign(commitment) });
    await pause(200);
    await stage.advance(beatMs);
    assert.equal((await more).status, 200);
  } else { await pause(200); await stage.advance(beatMs); }
  await look('added to');
  await stage.advance(hour);
  await look('the next hour');
  const views = await view(root);
  await pause(300);
  const log = stage.said().split('\n').filter((one) => one.startsWith('{')).map((one) => { const { time, id, us, ...rest } = JSON.parse(one); assert.ok(time && id && us >= 0); return rest; });
  await stage.close({ keep: true });
  return { tips, views, changes, log, people, folder, stage };
}

const played = [];
try {
  for (const tips of [0, 1, 5]) played.push(await play(tips));
  const [none, one, five] = played;
  await step('the open log is as long, and every page, list, tile and feed of the same form', () => {
    for (const other of [one, five]) {
      assert.equal(other.views.size, none.views.size);
      const [a, b] = [forms(none.views.seen), forms(other.views.seen)];
      assert.deepEqual(Object.keys(b).sort(), Object.keys(a).sort());
      for (const path of Object.keys(a)) assert.deepEqual(b[path], a[path], `${other.tips} against none: ${path}`);
    }
  });
  await step('each hour has its roll, tips or none, and no sealed register is shown', () => {
    assert.ok(JSON.parse(none.views.seen['/api/list/tip-roll'].body).records.length >= 2);
    for (const path of ['/api/list/tip', '/api/list/tip-message', '/list/tip']) assert.equal(five.views.seen[path].status, 404, path);
  });
  await step('the access log has the same lines', () => {
    for (const other of [one, five]) assert.deepEqual(other.log.map((line) => JSON.stringify(line)).sort(), none.log.map((line) => JSON.stringify(line)).sort());
    assert.ok(none.log.length > 30, 'there is no access log to look at');
    assert.ok(!none.log.some(({ route }) => route.includes('tips') || route === '/tip' || route.includes('assets')));
  });
  await step('after each step the same files have changed, and only with a beat', () => {
    // The database's index in memory gets its time when the kernel writes it back, some time after a commit.
    const settled = ({ changes }) => changes.map((text) => text.replace(/\/landglass\.db-shm(, )?/, ''));
    for (const other of [one, five]) {
      assert.deepEqual(settled(other), settled(none));
      for (const text of other.changes.filter((line) => !line.includes('hour'))) assert.doesNotMatch(text, /\.db/, 'a database changed between the hours');
    }
    assert.match(none.changes.join('\n'), /beat 0: [^\n]*tips\.box 131\d+/);
    assert.doesNotMatch(none.changes.find((text) => text.startsWith('handed in')), /tips\.box|\.db/);
  });
  await step('no word, mailbox or key of a reporter stands in the folder, the log or what the platform says', () => {
    for (const { folder, people, stage, views } of [one, five]) {
      const bytes = Buffer.concat(filesOf(folder).map((path) => readFileSync(path)));
      assert.ok(bytes.includes('闽清县自然资源和规划局'), 'the dump does not see what is there');
      for (const secret of [...secrets, 'MIZHU-9', ...people.flatMap((who) => [who.mailbox, who.key, who.voice, who.reply_key])]) {
        assert.ok(!bytes.includes(secret), `the dump holds ${secret}`);
        assert.ok(!stage.said().includes(secret), `what it says holds ${secret}`);
        for (const [path, { body }] of Object.entries(views.seen)) assert.ok(!body.includes(secret), `${path} holds ${secret}`);
      }
    }
  });
  console.log(`tips observer: ${steps} steps, ${Object.keys(five.views.seen).length} answers, ${none.log.length} lines and ${none.changes.length} looks at the files compared`);
} finally {
  for (const { stage } of played) await stage.close();
}
