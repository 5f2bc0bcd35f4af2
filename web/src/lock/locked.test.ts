import { describe, expect, it } from 'vitest';
import { fromBase64url, fromUtf8, base64url, utf8 } from '../base/bytes';
import { type JsonObject } from '../base/json';
import { vectors } from '../base/vectors';
import { type Opener, lock, openerFrom, peel, unlocked } from './locked';

interface Vectors { openers: string[]; secrets: string[]; documents: { name: string; doc: JsonObject; value: string }[] }
const all = vectors<{ locked: Vectors }>('locked.md').at(-1)!.locked;
const keys = await Promise.all(all.secrets.map((secret) => openerFrom(fromBase64url(secret)!)));

async function openedBy(locked: JsonObject, who: Opener[]): Promise<string | null> {
  let doc = locked;
  for (const key of who) doc = await peel(doc, key);
  const found = await unlocked(doc);
  return found === null ? null : fromUtf8(found.value);
}

describe('locked.md', () => {
  it('has the public key of each secret', () => expect(keys.map((key) => base64url(key.publicKey))).toEqual(all.openers));
  it.each(all.documents.map((one) => [one.name, one] as const))('%s: each subset opens it to its value', async (_, { doc, value }) => {
    for (const box of doc['boxes'] as { by: number[] }[]) expect(await openedBy(doc, box.by.map((i) => keys[i]!))).toBe(value);
  });
  it('what is locked here opens here, to two of three and to no one alone', async () => {
    const doc = await lock(utf8('投标报价 1234 万元'), 2, keys.map((key) => key.publicKey).reverse());
    expect(await openedBy(doc, [keys[0]!, keys[2]!])).toBe('投标报价 1234 万元');
    expect(await openedBy(doc, [keys[0]!])).toBeNull();
    await expect(openedBy(doc, [keys[2]!])).rejects.toMatchObject({ code: 'LK-02' });
  });
  it('boxes that differ are found out', async () => {
    const doc = await lock(utf8('a'), 1, [keys[0]!.publicKey, keys[1]!.publicKey]);
    const other = await lock(utf8('b'), 1, [keys[0]!.publicKey, keys[1]!.publicKey]);
    (doc['boxes'] as unknown[])[1] = (other['boxes'] as unknown[])[1];
    expect(await openedBy(doc, [keys[0]!])).toBe('a');
    await expect(openedBy(doc, [keys[1]!])).rejects.toMatchObject({ code: 'LK-03' });
  });
});
