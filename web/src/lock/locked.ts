// What is locked to k of n openers (docs/formats/locked.md), written from the document alone: sealed boxes of libsodium, nested over each
// subset. The plaintext never leaves this page.
import sodium from 'libsodium-wrappers';
import { concat, equal, fromBase64url, hex, base64url, sha256, utf8 } from '../base/bytes';
import { type Json, type JsonObject, Refused, canonical } from '../base/json';

const format = 'landglass/locked/1';
const pad = 256, head = 36, longest = 4096, mostOpeners = 7, mostBytes = 60_000;

interface Box { by: number[]; left: number[]; bytes: Uint8Array }
interface Document { openers: Uint8Array[]; k: number; commitment: string; boxes: Box[] }
export interface Opener { publicKey: Uint8Array; secretKey: Uint8Array }
export interface Unlocked { salt: Uint8Array; value: Uint8Array }

const no = (code: string, where = ''): never => { throw new Refused(code, where); };

const order = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < Math.min(a.length, b.length); ++i) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
};

export function subsets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  const all: number[][] = [];
  for (let i = from; i <= n - k; ++i) for (const rest of subsets(n, k - 1, i + 1)) all.push([i, ...rest]);
  return all;
}

export async function commitment(salt: Uint8Array, value: Uint8Array): Promise<string> {
  return hex(await sha256(concat(utf8(`${format}\n`), salt, value)));
}

export async function openerFrom(secretKey: Uint8Array): Promise<Opener> {
  await sodium.ready;
  return { secretKey, publicKey: sodium.crypto_scalarmult_base(secretKey) };
}

export async function lock(value: Uint8Array, k: number, keys: Uint8Array[]): Promise<JsonObject> {
  await sodium.ready;
  if (value.length > longest) no('LK-04', 'value');
  if (keys.length < 1 || keys.length > mostOpeners || k < 1 || k > keys.length) no('LK-04', 'openers');
  const openers = [...keys].sort(order);
  if (openers.some((key, i) => key.length !== 32 || (i > 0 && equal(key, openers[i - 1]!)))) no('LK-01', 'openers');
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const plain = new Uint8Array(Math.ceil((head + value.length) / pad) * pad);
  plain.set(salt);
  new DataView(plain.buffer).setUint32(32, value.length);
  plain.set(value, head);
  const boxes = subsets(openers.length, k).map((by): Box => ({ by, left: by, bytes: by.reduceRight<Uint8Array>((inner, one) => sodium.crypto_box_seal(inner, openers[one]!), plain) }));
  const doc = write({ openers, k, commitment: await commitment(salt, value), boxes });
  if (utf8(canonical(doc)).length > mostBytes) no('LK-04', 'document');
  return doc;
}

function write(doc: Document): JsonObject {
  return { format, k: doc.k, openers: doc.openers.map(base64url), commitment: doc.commitment,
    boxes: doc.boxes.map(({ by, left, bytes }) => ({ by, left, box: base64url(bytes) })) };
}

const numbers = (json: Json | undefined): number[] => Array.isArray(json) && json.every((one) => Number.isInteger(one) && (one as number) >= 0) ? json as number[] : no('LK-01', 'boxes');

export function read(json: JsonObject): Document {
  if (json['format'] !== format) no('LK-01', 'format');
  const { openers: keys, k, commitment: said, boxes: rows } = json;
  if (!Array.isArray(keys) || keys.length < 1 || keys.length > mostOpeners) return no('LK-01', 'openers');
  const openers = keys.map((text) => (typeof text === 'string' ? fromBase64url(text) : null) ?? no('LK-01', 'openers'));
  if (openers.some((key, i) => key.length !== 32 || (i > 0 && order(openers[i - 1]!, key) >= 0))) no('LK-01', 'openers');
  if (typeof k !== 'number' || !Number.isInteger(k) || k < 1 || k > openers.length) return no('LK-01', 'k');
  if (typeof said !== 'string' || !/^[0-9a-f]{64}$/.test(said)) return no('LK-01', 'commitment');
  const wanted = subsets(openers.length, k);
  if (!Array.isArray(rows) || rows.length !== wanted.length) return no('LK-01', 'boxes');
  let size = -1;
  const boxes = rows.map((row, i): Box => {
    const one = row as JsonObject;
    const by = numbers(one['by']), left = numbers(one['left']);
    const bytes = (typeof one['box'] === 'string' ? fromBase64url(one['box']) : null) ?? no('LK-01', 'boxes');
    if (canonical(by) !== canonical(wanted[i]!) || left.length > by.length || canonical(left) !== canonical(by.slice(by.length - left.length))) no('LK-01', 'boxes');
    const inner = bytes.length - left.length * sodium.crypto_box_SEALBYTES;
    if (inner < pad || inner % pad !== 0 || (size !== -1 && inner !== size)) no('LK-01', 'boxes');
    size = inner;
    return { by, left, bytes };
  });
  return { openers, k, commitment: said, boxes };
}

// What one opener passes on.
export async function peel(json: JsonObject, key: Opener): Promise<JsonObject> {
  await sodium.ready;
  const doc = read(json);
  const mine = doc.openers.findIndex((one) => equal(one, key.publicKey));
  if (mine < 0 || !doc.boxes.some((box) => box.left[0] === mine)) no('LK-02');
  const open = (box: Box): Box => {
    if (box.left[0] !== mine) return box;
    try {
      return { ...box, left: box.left.slice(1), bytes: sodium.crypto_box_seal_open(box.bytes, key.publicKey, key.secretKey) };
    } catch {
      return no('LK-01', 'boxes');
    }
  };
  return write({ ...doc, boxes: doc.boxes.map(open) });
}

// The value, where a box has been opened by all of its subset; null where none has.
export async function unlocked(json: JsonObject): Promise<Unlocked | null> {
  await sodium.ready;
  const doc = read(json);
  let found: Unlocked | null = null;
  for (const { left, bytes } of doc.boxes) {
    if (left.length !== 0) continue;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(32);
    const rest = bytes.subarray(head + length);
    if (length > longest || head + length > bytes.length || rest.length >= pad || rest.some((byte) => byte !== 0)) no('LK-03');
    const salt = bytes.slice(0, 32), value = bytes.slice(head, head + length);
    if (await commitment(salt, value) !== doc.commitment) no('LK-03');
    found = { salt, value };
  }
  return found;
}
