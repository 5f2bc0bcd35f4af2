// The observer of what is sealed: an official's declaration of his affairs and a lead on a violation. Every public byte before
// and after is compared, and a county in which neither happened with one in which both did: nobody outside learns that there
// is one, when, how many, or of whom.
import assert from 'node:assert/strict';
import { forms, read, same } from './observed.mjs';
import { openStage } from './stage.mjs';

const [, , program] = process.argv;
const hour = 3_600_000;
let steps = 0;
const step = async (name, run) => { await run(); steps += 1; console.log(`  ${name}`); };
const sealed = ['declaration', 'integrity-file', 'case-lead', 'company-query', 'interest-query'];
const file = (n) => String(n).padStart(64, '0');

async function view(root) {
  const seen = {};
  const size = Number((await read(root, '/checkpoint')).body.toString().split('\n')[1]);
  const open = (await (await fetch(`${root}/open-data.json`)).json()).registers.map((one) => one.register);
  const paths = ['/', '/list', '/log', '/log?before=200', '/feed', '/feed.json', '/warnings', '/changes', '/lights', '/methods', '/open-data', '/open-data.json', '/api/calendar', '/openapi.json', '/policy', '/checkpoint',
    '/metrics', '/healthz', '/readyz', '/verify', '/line', '/desk', '/nothing', ...open.flatMap((name) => [`/list/${name}`, `/api/list/${name}`, `/csv/${name}`, `/open-data/${name}.json`]),
    ...sealed.flatMap((name) => [`/list/${name}`, `/api/list/${name}`, `/csv/${name}`, `/open-data/${name}.csv`, `/i/${name}`, `/r/${name}/x`, `/api/records/${name}/x`])];
  for (const path of paths) seen[path] = await read(root, path);
  for (let tile = 0; tile * 256 < size; ++tile) {
    const width = Math.min(256, size - tile * 256);
    const name = `${String(tile).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
    for (const path of [`/tile/entries/${name}`, `/tile/0/${name}`]) seen[path] = await read(root, path);
  }
  for (let index = Math.max(0, size - 20); index < size; ++index) {
    for (const path of [`/openings/${index}`, `/log/${index}`, `/receipt/${index}`]) seen[path] = await read(root, path);
  }
  return { size, seen };
}

// To the byte, but for the clock that a page shows and what is signed anew.
const exact = ({ body }) => body.toString('latin1')
  .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 't').replace(/urn:landglass:request:[\w-]+/g, 'r');

async function happen({ ask }) {
  const person = (await ask('who', { name: 'bureau-director' })).actor;
  const party = (await ask('who', { name: 'bidder-a' })).actor;
  const records = [];
  const create = async (by, institution, fields) => { records.push((await ask('create', { by, institution, fields })).record); return records.at(-1); };
  const kept = await create('personnel', 'integrity-file', { region: '350124', person, rank: 'division', since: '2026-01-01' });
  await create('bureau-director', 'declaration', { kind: 'first', nothing: true, items: [] });
  await create('bureau-director', 'declaration', { kind: 'change', items: [{ kind: 'housing', detail: '观察者所见之房', since: (await ask('now')).now.slice(0, 10) }] });
  const lead = await create('inv1', 'case-lead', { region: '350124', channel: 'tip', kind: 'occupation', content: '观察者所见之线索' });
  for (const by of ['inv1', 'inv2']) await ask('act', { by, record: lead, action: 'check', fields: { finding: '观察者所见之核查', area: '2000.00', respondent: party, respondent_name: '观察者所见之人', evidence: file(1) } });
  await create('inv1', 'company-query', { party, lead });
  return { records, words: ['观察者所见', kept.split('/')[1], lead.split('/')[1], ...records.map((one) => one.split('/')[1])] };
}

// What the hours brought is all made: the log has not grown for a second.
async function still(root) {
  for (let last = '', quiet = 0; quiet < 10; quiet += 1) {
    const now = (await (await fetch(`${root}/checkpoint/logged`)).text()).split('\n')[1];
    if (now !== last) quiet = 0;
    last = now;
    await new Promise((wait) => { setTimeout(wait, 100); });
  }
}

const with_ = await openStage(program, 60, 'oversight');
const without = await openStage(program, 60, 'oversight');
try {
  // Past an anchor, so that none falls between the two looks.
  const settle = async (stage) => stage.advance(hour - ((await stage.ask('now')).ms % hour) + 60_000);
  await settle(with_);
  await settle(without);
  const before = await view(with_.root);
  const { records, words } = await happen(with_);
  const after = await view(with_.root);
  for (let look = 0; look < 2; ++look) await view(without.root);  // who looks leaves files made behind: in both as often
  await step('a declaration of two, a lead and its check, a query: every public answer is as it was, to the byte', () => {
    assert.ok(records.length >= 5);
    assert.equal(after.size, before.size);
    assert.deepEqual(Object.keys(after.seen), Object.keys(before.seen));
    for (const path of Object.keys(before.seen)) {
      if (path === '/feed' || path === '/feed.json' || path === '/checkpoint') continue;  // say when they were made
      assert.equal(after.seen[path].status, before.seen[path].status, path);
      assert.equal(exact(after.seen[path]), exact(before.seen[path]), path);
    }
    same(forms(after.seen), forms(before.seen), 'after against before');
  });
  await step('three anchors later the county looks as one in which nothing of it happened', async () => {
    await with_.advance(3 * hour);
    await without.advance(3 * hour);
    for (const stage of [with_, without]) await still(stage.root);
    const [some, none] = [await view(with_.root), await view(without.root)];
    assert.equal(some.size, none.size);
    // How far a zip shrinks depends on the digests in it.
    const packed = (seen) => ({ ...seen, '/open-data.json': { ...seen['/open-data.json'], body: Buffer.from(seen['/open-data.json'].body.toString().replace(/"bytes":\d+,"format":"zip"/g, '"bytes":0,"format":"zip"')) } });
    same(forms(packed(some.seen)), forms(packed(none.seen)), 'some against none');
    for (const [path, { body }] of Object.entries(some.seen))
      for (const word of words) assert.ok(!body.includes(word), `${path} holds ${word}`);
  });
  await step('whose records they are not gets the same answer whether they are there or not', async () => {
    for (const record of records) {
      const [there, nowhere] = [await read(with_.root, `/r/${record}`), await read(without.root, `/r/${record}`)];
      assert.equal(there.status, 404);
      same(forms({ one: there }), forms({ one: nowhere }), record);
    }
  });
  console.log(`observer of what is sealed: ${steps} steps, ${Object.keys(after.seen).length} answers compared, ${words.length} words looked for`);
} finally {
  await with_.close();
  await without.close();
}
