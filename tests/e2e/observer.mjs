// The observer: before the close of a sale nothing that a stranger can read, and no dump of the folder without its key, tells
// how many applied or who. Two lots, one of them by sealed tender, are played with no applicant, with one and with seven; what
// shows must be the same, to the byte where nothing is random, and in form and size where something is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { forms, read, same } from './observed.mjs';
import { openStage } from './stage.mjs';

const [, , program] = process.argv;
const day = 86_400_000;
let steps = 0;
const step = async (name, run) => { await run(); steps += 1; console.log(`  ${name}`); };

// The first state of the live stream.
async function live(root, path) {
  const stop = new AbortController();
  const answer = await fetch(root + path, { signal: stop.signal });
  let text = '';
  for await (const bytes of answer.body) {
    text += Buffer.from(bytes).toString();
    if (text.includes('\n\n')) break;
  }
  stop.abort();
  return { status: answer.status, headers: [], etag: 0, body: Buffer.from(text) };
}

// Everything that anybody may read of this log.
async function view(root, lot, sealed) {
  const key = lot.split('/')[1];
  const seen = {};
  const checkpoint = await read(root, '/checkpoint');
  const size = Number(checkpoint.body.toString().split('\n')[1]);
  const paths = ['/', '/?state=open', `/r/${lot}`, `/api/records/${lot}`, `/r/${sealed}`, `/api/records/${sealed}`, '/list/tender', '/api/list/tender', '/api/list/land-tender', '/api/list/opened-tender', '/api/list/land-listing', '/api/list/application', '/api/list/deposit', '/api/list/party', '/api/list/sealed-anchor', '/list',
    '/list/land-listing', '/list/application', '/list/party', '/i/application', '/csv/land-listing', '/csv/party', '/feed', '/feed.json', '/log', '/log?before=200', '/metrics', '/healthz', '/readyz', '/warnings', '/verify',
    `/room/${key}`, `/room/${key}/status`, `/room/${key}/slip`, `/r/application/${key}`, '/openapi.json', '/policy', '/checkpoint'];
  for (const path of paths) seen[path] = await read(root, path);
  for (let tile = 0; tile * 256 < size; ++tile) {
    const width = Math.min(256, size - tile * 256);
    const name = `${String(tile).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
    seen[`/tile/entries/${name}`] = await read(root, `/tile/entries/${name}`);
    seen[`/tile/0/${name}`] = await read(root, `/tile/0/${name}`);
  }
  for (let index = Math.max(0, size - 40); index < size; ++index) {
    seen[`/openings/${index}`] = await read(root, `/openings/${index}`);
    seen[`/log/${index}`] = await read(root, `/log/${index}`);
  }
  return { size, seen };
}

// Tables, rows and sizes of what lies in the folder, by the reader of another program.
const shape = (folder) => JSON.parse(execFileSync('python3', ['-c', `
import sqlite3, sys, json, os, collections
out = {}
for base in ("landglass.db", "accounts.db"):
    path = os.path.join(sys.argv[1], base)
    db = sqlite3.connect("file:" + path + "?mode=ro", uri=True)
    for (name,) in sorted(db.execute("select name from sqlite_master where type='table' and name not like 'sqlite_%'")):
        columns = [c[1] for c in db.execute('pragma table_info("%s")' % name)]
        blobs = collections.Counter()
        rows = 0
        for row in db.execute('select * from "%s"' % name):
            rows += 1
            for column, value in zip(columns, row):
                if isinstance(value, bytes): blobs["%s %d" % (column, len(value))] += 1
        out[base + " " + name] = {"rows": rows, "blobs": dict(sorted(blobs.items()))}
    out[base + " pages"] = db.execute("pragma page_count").fetchone()[0] if base == "landglass.db" else 0
print(json.dumps(out))
`, folder], { maxBuffer: 1 << 26 }).toString());

const bytesOf = (folder) => Buffer.concat(readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map((path) => readFileSync(path)));

async function play(bidders) {
  const stage = await openStage(program);
  const { root, ask } = stage;
  await ask('parties', { count: 5 });
  const { lot } = await ask('announce', { location: '观察标的', reserve: 12_345_678 });
  const { lot: sealed } = await ask('announce', { location: '观察招标地块', mode: 'tender', reserve: 12_345_687 });
  await stage.advance(6 * day);
  if (bidders > 0) {
    await ask('apply', { lot, bidders, deposit: 2_000_000 });
    await ask('apply', { lot: sealed, bidders });
  }
  await stage.advance(16 * day);
  for (let bidder = 0; bidder < bidders; ++bidder) await ask('hand_in', { lot: sealed, bidder, yuan: 13_131_313 + bidder });
  await stage.advance(3 * 3_600_000);
  const quietly = await view(root, lot, sealed);
  const secrets = [];
  let noisily = null;
  if (bidders > 0) {
    for (let i = 0; i < 10; ++i) {
      await ask('offer', { lot, bidder: i, yuan: 10_000_000 + i * 100_000 });
      await new Promise((wait) => { setTimeout(wait, 20); });
    }
    noisily = await view(root, lot, sealed);
    await new Promise((wait) => { setTimeout(wait, 400); });  // a stream sends five states a second: by now the last one
    noisily.seen['/live'] = await live(root, `/live/${lot.split('/')[1]}`);
    for (const one of [lot, sealed]) secrets.push(...(await ask('secrets', { lot: one })).list);
    for (let bidder = 0; bidder < bidders; ++bidder) secrets.push(`${13_131_313 + bidder}.00`);
  }
  await stage.close({ keep: true });
  return { bidders, lot, quietly, noisily, secrets, folder: join(stage.folder, 'data'), away: stage };
}

const played = [];
try {
  for (const bidders of [0, 1, 7]) played.push(await play(bidders));
  const [none, one, seven] = played;
  await step('with no applicant, one or seven the log is as long, and every page, list, tile, feed and answer of the same form', () => {
    assert.equal(one.quietly.size, none.quietly.size);
    assert.equal(seven.quietly.size, none.quietly.size);
    same(forms(one.quietly.seen), forms(none.quietly.seen), 'one against none');
    same(forms(seven.quietly.seen), forms(none.quietly.seen), 'seven against none');
  });
  await step('ten offers of one bidder look as ten offers of seven', () => {
    assert.equal(seven.noisily.size, one.noisily.size);
    same(forms(seven.noisily.seen), forms(one.noisily.seen), 'seven against one');
  });
  await step('a stranger gets neither figures nor sealed registers nor another\'s room', () => {
    const { seen } = seven.quietly;
    assert.equal(seen['/metrics'].status, 403);
    for (const path of ['/api/list/application', '/api/list/deposit', '/list/application', '/list/tender', '/api/list/tender']) assert.equal(seen[path].status, 404, path);
  });
  await step('no name, number, key, account, reference or plate of a bidder stands in anything public', () => {
    for (const { quietly, noisily, secrets } of [one, seven]) {
      assert.ok(secrets.length >= 5);
      for (const views of [quietly, noisily]) {
        for (const [path, { body }] of Object.entries(views.seen)) {
          for (const secret of secrets) assert.ok(!body.includes(secret), `${path} holds ${secret}`);
          assert.ok(!/"plate":\s*\d|"bidders"|data-plate/.test(body.toString('utf8')) || path === '/openapi.json', `${path} says a plate`);
        }
      }
    }
  });
  await step('a dump has the same tables, rows and sizes with none, one and seven', () => {
    const [a, b, c] = played.map(({ folder }) => shape(folder));
    const without = (given, tables) => Object.fromEntries(Object.entries(given).filter(([name]) => !tables.some((table) => name.endsWith(` ${table}`))));
    // The ten offers stand in the open log of two of them: what they add is public, and the same.
    assert.deepEqual(without(c, ['pages']), without(b, ['pages']));
    const offers = ['leaves_open', 'vault', 'seen', 'land_listing', 'land_listing_public', 'pages', 'tiles_open'];
    assert.deepEqual(without(b, offers), without(a, offers));
    // Names are random, so pages split by chance: their number is the same to one in fifty.
    const [fewer, more] = [b, c].map((one) => one['landglass.db pages']);
    assert.ok(Math.abs(more - fewer) * 50 <= fewer, `${fewer} pages with one, ${more} with seven`);
  });
  await step('and in its bytes none of those secrets', () => {
    // Who is registered as a party stands there with no applicant as well; that he applied does not.
    const registered = bytesOf(none.folder);
    let looked = 0;
    for (const { folder, secrets } of [one, seven]) {
      const bytes = bytesOf(folder);
      assert.ok(bytes.includes('观察标的'), 'the dump does not see what is there');
      for (const secret of secrets.filter((text) => !registered.includes(text))) {
        looked += 1;
        assert.ok(!bytes.includes(secret), `the dump holds ${secret}`);
      }
    }
    assert.ok(looked >= 30, `only ${looked} secrets looked for`);
    for (const figure of ['12345678.00', '12345687.00', '13131319.00']) assert.ok(seven.secrets.includes(figure), `${figure} was not looked for`);
    assert.ok(!registered.includes('12345678.00') && !registered.includes('12345687.00'), 'a dump with no applicant holds a reserve');
  });
  console.log(`observer: ${steps} steps, ${Object.keys(seven.noisily.seen).length} answers compared, ${seven.secrets.length} secrets looked for`);
} finally {
  for (const { away } of played) await away.close();
}
