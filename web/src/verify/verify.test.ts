import { describe, expect, it } from 'vitest';
import { hex, fromHex, utf8 } from '../base/bytes';
import { type Json, type JsonObject, Refused } from '../base/json';
import { vectors } from '../base/vectors';
import { commitment, commitmentText, readLeaf, verifyOpening } from './leaf';
import { leafHash, nodeHash, treeRoot, verifyConsistency, verifyInclusion } from './merkle';

const code = (run: () => unknown): string => {
  try { run(); } catch (trouble) { return trouble instanceof Refused ? trouble.code : String(trouble); }
  return 'taken';
};

describe('leaf.md', () => {
  const cases = vectors<{ bytes: string; hash?: string; refused?: string }>('leaf.md');
  it.each(cases.map((one, i) => [i, one] as const))('vector %i', async (_, one) => {
    expect(code(() => readLeaf(one.bytes))).toBe(one.refused ?? 'taken');
    if (one.hash) expect(hex(await leafHash(utf8(one.bytes)))).toBe(one.hash);
  });
  it('a leaf that a session vouches for is one, and one signed in an unknown way is none', () => {
    const signed = (alg: string): string => cases[0]!.bytes.replace('"sig":null', `"sig":{"alg":"${alg}","bytes":"demo","key":""}`);
    expect(code(() => readLeaf(signed('session')))).toBe('taken');
    expect(code(() => readLeaf(signed('word')))).toBe('LEAF-03');
  });
});

describe('commitment.md', () => {
  const cases = vectors<{ salt: string; origin: string; command: string; path: string; value: Json; text: string; commitment: string }>('commitment.md');
  it.each(cases.map((one) => [one.path, one] as const))('commits %s', async (_, one) => {
    expect(commitmentText(one.origin, one.command, one.path, one.value)).toBe(one.text);
    expect(hex(await commitment(fromHex(one.salt)!, one.origin, one.command, one.path, one.value))).toBe(one.commitment);
  });
  it('opens only the place it was made for', async () => {
    const salt = '00'.repeat(32);
    const stands = hex(await commitment(fromHex(salt)!, 'o', 'a'.repeat(32), 'contact', 'x'));
    const leaf = { origin: 'o', command: 'a'.repeat(32), change: { commit: { contact: stands, other: stands } as JsonObject }, effects: [] } as never;
    expect(await verifyOpening(leaf, { path: 'contact', salt, value: 'x' })).toBe(true);
    expect(await verifyOpening(leaf, { path: 'other', salt, value: 'x' })).toBe(false);
    expect(await verifyOpening(leaf, { path: 'contact', salt, value: 'y' })).toBe(false);
  });
});

describe('the tree', () => {
  const leaves = Array.from({ length: 17 }, (_, i) => utf8(`leaf ${i}`));
  // The proofs of RFC 6962 §2.1.1 and §2.1.2 by their recursive definitions: another way than the one that is tested.
  const split = (n: number): number => { let k = 1; while (k * 2 < n) k *= 2; return k; };
  const inclusion = async (m: number, d: Uint8Array[]): Promise<Uint8Array[]> => {
    if (d.length === 1) return [];
    const k = split(d.length);
    return m < k ? [...await inclusion(m, d.slice(0, k)), await treeRoot(d.slice(k))] : [...await inclusion(m - k, d.slice(k)), await treeRoot(d.slice(0, k))];
  };
  const consistency = async (m: number, d: Uint8Array[], whole: boolean): Promise<Uint8Array[]> => {
    if (m === d.length) return whole ? [] : [await treeRoot(d)];
    const k = split(d.length);
    return m <= k ? [...await consistency(m, d.slice(0, k), whole), await treeRoot(d.slice(k))]
      : [...await consistency(m - k, d.slice(k), false), await treeRoot(d.slice(0, k))];
  };
  it('proves each leaf of each size, and no other', async () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const some = leaves.slice(0, size);
      const root = await treeRoot(some);
      for (let i = 0; i < size; i += 1) {
        const proof = await inclusion(i, some);
        const leaf = await leafHash(leaves[i]!);
        expect(await verifyInclusion(leaf, i, size, proof, root)).toBe(true);
        expect(await verifyInclusion(leaf, i + 1, size, proof, root)).toBe(false);
        expect(await verifyInclusion(leaf, i, size, [...proof, leaf], root)).toBe(false);
        if (proof.length > 0) expect(await verifyInclusion(leaf, i, size, proof.slice(1), root)).toBe(false);
      }
    }
  });
  it('proves that a tree grew out of another, and no other', async () => {
    for (let older = 1; older <= leaves.length; older += 1) {
      for (let newer = older; newer <= leaves.length; newer += 1) {
        const proof = await consistency(older, leaves.slice(0, newer), true);
        const a = await treeRoot(leaves.slice(0, older));
        const b = await treeRoot(leaves.slice(0, newer));
        expect(await verifyConsistency(older, newer, proof, a, b)).toBe(true);
        if (older !== newer) expect(await verifyConsistency(older, newer, proof, b, a)).toBe(false);
        expect(await verifyConsistency(older, newer, [...proof, a], a, b)).toBe(false);
      }
    }
  });
  it('keeps leaves and nodes apart', async () => {
    const a = await leafHash(utf8('a'));
    const b = await leafHash(utf8('b'));
    expect(hex(await nodeHash(a, b))).not.toBe(hex(await leafHash(new Uint8Array([...a, ...b]))));
  });
});
