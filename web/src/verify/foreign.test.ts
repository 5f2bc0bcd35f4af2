// Other people's vectors, where they are at hand: ../shared is not part of a clone.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { equal, fromBase64, fromBase64url, fromHex, hex, utf8 } from '../base/bytes';
import { canonical, parseJson } from '../base/json';
import { shared } from '../base/vectors';
import { rootFromInclusion, verifyConsistency, verifyInclusion } from './merkle';
import { canEd25519, parseCheckpoint, parseVerifierKey, verifyEd25519, verifyNoteBy } from './note';

const vectors = join(shared, 'data', 'vectors');
const here = existsSync(vectors);
if (!here) console.warn('SKIPPED: ../shared is absent');

const under = (folder: string): string[] =>
  here ? readdirSync(join(vectors, folder), { recursive: true, encoding: 'utf8' }).filter((n) => n.endsWith('.json')).map((n) => join(vectors, folder, n)) : [];
const bytes = (text: string): Uint8Array => fromBase64(text)!;

describe.skipIf(!here)('vectors of others', () => {
  beforeAll(async () => expect(await canEd25519()).toBe(true));

  it('RFC 6962 inclusion of transparency-dev', async () => {
    const files = under('merkle/testdata/inclusion');
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const v = JSON.parse(readFileSync(file, 'utf8')) as { leafIdx: number; treeSize: number; root: string; leafHash: string; proof: string[] | null; wantErr: boolean };
      const good = await verifyInclusion(bytes(v.leafHash), v.leafIdx, v.treeSize, (v.proof ?? []).map(bytes), bytes(v.root));
      expect(good, file).toBe(!v.wantErr);
    }
  });
  it('RFC 6962 consistency of transparency-dev', async () => {
    const files = under('merkle/testdata/consistency');
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const v = JSON.parse(readFileSync(file, 'utf8')) as { size1: number; size2: number; root1: string; root2: string; proof: string[] | null; wantErr: boolean };
      const good = await verifyConsistency(v.size1, v.size2, (v.proof ?? []).map(bytes), bytes(v.root1), bytes(v.root2));
      expect(good, file).toBe(!v.wantErr);
    }
  });
  it('RFC 8785 of its author', () => {
    const inputs = under('jcs/testdata/input');
    expect(inputs.length).toBe(6);
    for (const file of inputs) {
      const wanted = readFileSync(file.replace('/input/', '/output/'), 'utf8');
      expect(canonical(parseJson(readFileSync(file, 'utf8'), 'any')), file).toBe(wanted);
    }
  });
  it("a witness's cosignature of sunlight, and no other text under it", async () => {
    const folder = join(vectors, 'sunlight/cmd/skylight/testdata/witness');
    const name = readdirSync(folder).find((n) => n.startsWith('000d'))!;
    const checkpoint = parseCheckpoint(readFileSync(join(folder, name, 'checkpoint'), 'utf8'))!;
    const witness = JSON.parse(readFileSync(join(folder, 'witness.v0.json'), 'utf8')) as { verifier_keys: string[] };
    const key = (await parseVerifierKey(witness.verifier_keys[0]!))!;
    expect(checkpoint.size).toBe(300);
    expect(await verifyNoteBy(checkpoint.note, key)).toEqual({ time: Date.UTC(2025, 11, 31) / 1000 });
    expect(await verifyNoteBy({ ...checkpoint.note, text: checkpoint.note.text.replace('300', '301') }, key)).toBeNull();
  });
  it('all checkpoints of tessera read, and their sizes are theirs', () => {
    const folder = join(vectors, 'tessera/testdata/log');
    for (let size = 0; size <= 15; size += 1) expect(parseCheckpoint(readFileSync(join(folder, `checkpoint.${size}`), 'utf8'))?.size).toBe(size);
  });
  it('Ed25519 of wycheproof', async () => {
    const suite = JSON.parse(readFileSync(join(vectors, 'wycheproof/ed25519_test.json'), 'utf8')) as
      { testGroups: { publicKey: { pk: string }; tests: { tcId: number; msg: string; sig: string; result: string }[] }[] };
    let count = 0;
    for (const group of suite.testGroups) {
      for (const t of group.tests) {
        const good = await verifyEd25519(fromHex(group.publicKey.pk)!, fromHex(t.msg)!, fromHex(t.sig)!);
        expect(good, `tcId ${t.tcId}`).toBe(t.result === 'valid');
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});

it('a proof of another length is no proof', async () => {
  expect(await rootFromInclusion(new Uint8Array(32), 0, 1, [new Uint8Array(32)])).toBeNull();
  expect(equal(utf8('a'), utf8('b'))).toBe(false);
  expect(hex(fromBase64url('AQID')!)).toBe('010203');
});
