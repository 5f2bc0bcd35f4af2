// What an observer compares: answers of a stranger's, in a form that chance and the minute do not change.
import assert from 'node:assert/strict';

// What differs by chance or by the minute, put in one form of the same length.
export const plain = (text) => text
  .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => 'T'.repeat(time.length))
  .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?/g, (time) => 't'.repeat(time.length))
  .replace(/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, (time) => 't'.repeat(time.length))
  .replace(/\b\d\d-\d\d \d\d:\d\d\b/g, (time) => 't'.repeat(time.length))
  .replace(/\d{4}-\d\d-\d\d/g, 'dddd-dd-dd')
  .replace(/127\.0\.0\.1:\d+/g, 'host')
  .replace(/[0-9a-f]{16,}/g, (hash) => `h${hash.length}`)
  .replace(/[A-Za-z0-9+/_-]{40,}={0,2}/g, (code) => `b${code.length}`)
  .replace(/^(id|retry): .*$/gm, '$1');
const quiet = new Set(['date', 'etag', 'x-request-id', 'last-modified']);

export async function read(root, path) {
  // A proxy's header makes the caller a stranger: from loopback alone more may be read. On a quick machine he reads past his
  // rate, and comes again when he is told to.
  const ask = () => fetch(root + path, { headers: { 'x-forwarded-for': '203.0.113.7', accept: path.startsWith('/api') ? 'application/json' : 'text/html' } });
  let answer = await ask();
  while (answer.status === 429) {
    await new Promise((wait) => { setTimeout(wait, 1_000 * Number(answer.headers.get('retry-after') ?? 1)); });
    answer = await ask();
  }
  const headers = [...answer.headers].filter(([name]) => !quiet.has(name)).map(([name, value]) => `${name}: ${value.replace(/127\.0\.0\.1:\d+/g, 'host').replace(/\b[0-9a-f]{64}\b/g, 'h64')}`).sort();
  const etag = answer.headers.get('etag');
  return { status: answer.status, headers, etag: etag?.length ?? 0, body: Buffer.from(await answer.arrayBuffer()) };
}

export const forms = (seen) => Object.fromEntries(Object.entries(seen).map(([path, { status, headers, etag, body }]) =>
  [path, path.startsWith('/tile/0/') ? { status, headers, etag, size: body.length } : { status, headers, etag, text: plain(body.toString('utf8')) }]));

export function same(a, b, what) {
  assert.deepEqual(Object.keys(a).sort(), Object.keys(b).sort(), what);
  for (const path of Object.keys(a)) assert.deepEqual(a[path], b[path], `${what}: ${path}`);
}
