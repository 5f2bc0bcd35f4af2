import { describe, expect, it } from 'vitest';
import { base64, concat, fromBase64, hex, sha256, utf8, type Bytes } from '../base/bytes';
import { type Json, canonical } from '../base/json';
import { vectors } from '../base/vectors';
import { checkCharacterHolds, judgeCertificate, readCertificate } from './certificate';
import { readLeaf } from './leaf';
import { leafHash, nodeHash, treeRoot, verifyConsistency, verifyInclusion } from './merkle';
import { parseCheckpoint, parseVerifierKey, verifyNoteBy } from './note';
import { parsePolicy } from './policy';
import { type Receipt, checkReceipt, parseAny, readReceipt } from './receipt';

async function signer(name: string, kind: number): Promise<{ vkey: string; id: Bytes; sign(text: Bytes): Promise<Bytes> }> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']) as CryptoKeyPair;
  const body = concat(Uint8Array.of(kind), new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const id = (await sha256(utf8(`${name}\n`), body)).slice(0, 4) as Bytes;
  return { vkey: `${name}+${hex(id)}+${base64(body)}`, id, sign: async (text) => new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, text)) };
}

const origin = 'log.example/350122';
const leafText = (seq: number, extra: Json = null): string => canonical({ actor: 'system', as_of: '2026-11-23T01:27:01.123Z', change: { action: 'issue', file: '',
  institution: 'certificate', record: 'certificate/1', set: { code: 'A12425GABC1234002M', unit: 'x' }, state: 'in_force', version: 1 }, command: '0'.repeat(32), origin, seq, sig: extra,
  time: '2026-11-23T01:27:01.123Z', v: 1 });

async function makeReceipt(): Promise<{ text: string; policy: string; log: string }> {
  const [log, one, two] = [await signer(origin, 1), await signer('w1.example', 4), await signer('w2.example', 4)];
  const leaves = [leafText(0), leafText(1), leafText(2)];
  const hashes = await Promise.all(leaves.map((leaf) => leafHash(utf8(leaf))));
  const root = await nodeHash(await nodeHash(hashes[0]!, hashes[1]!), hashes[2]!);
  const text = `${origin}\n3\n${base64(root)}\n`;
  const line = (name: string, id: Bytes, bytes: Bytes): string => `— ${name} ${base64(concat(id, bytes))}\n`;
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, 1_795_000_000n);
  const cosigned = concat(time, await one.sign(concat(utf8('cosignature/v1\ntime 1795000000\n'), utf8(text))));
  const note = `${text}\n${line(origin, log.id, await log.sign(utf8(text)))}${line('w1.example', one.id, cosigned)}`;
  const proof = `c2sp.org/tlog-proof@v1\nindex 1\n${base64(hashes[0]!)}\n${base64(hashes[2]!)}\n\n${note}`;
  return { text: canonical({ format: 'landglass/receipt/1', leaf: leaves[1]!, proof }), log: `log ${log.vkey}\n`,
    policy: `# ours\nlog ${log.vkey} https://log.example\nwitness w1 ${one.vkey}\nwitness w2 ${two.vkey}\ngroup g any w1 w2\nquorum g\n` };
}
const read = (text: string): Receipt => readReceipt(parseAny(text)!)!;

describe('a receipt', () => {
  it('is witnessed where enough witnesses of the policy cosigned, and else only logged', async () => {
    const made = await makeReceipt();
    const found = await checkReceipt(read(made.text), await parsePolicy(made.policy));
    expect(found).toMatchObject({ level: 'witnessed', broken: false, size: 3 });
    const strict = await parsePolicy(made.policy.replace(' any ', ' all '));
    expect((await checkReceipt(read(made.text), strict)).level).toBe('logged');
    expect((await checkReceipt(read(made.text), await parsePolicy(`${made.log}quorum none\n`))).level).toBe('logged');
  });
  it('holds nothing without a policy, or under the keys of others', async () => {
    const made = await makeReceipt();
    expect(await checkReceipt(read(made.text), null)).toMatchObject({ level: 'none', broken: false });
    const other = await makeReceipt();
    expect(await checkReceipt(read(made.text), await parsePolicy(other.policy))).toMatchObject({ level: 'none', broken: true });
  });
  it('breaks with any changed byte of leaf, index, proof or checkpoint', async () => {
    const made = await makeReceipt();
    const policy = await parsePolicy(made.policy);
    for (const [from, to] of [['issue', 'issuE'], ['index 1', 'index 0'], ['\\n3\\n', '\\n4\\n'], ['in_force', 'cancelled']] as const) {
      expect(made.text.includes(from)).toBe(true);
      const receipt = readReceipt(parseAny(made.text.replace(from, to))!);
      if (receipt) expect((await checkReceipt(receipt, policy)).level, from).toBe('none');
      if (receipt) expect((await checkReceipt(receipt, policy)).broken, from).toBe(true);
    }
  });
  it('is refused with members that nobody declared', () => {
    expect(readReceipt({ format: 'landglass/receipt/1', leaf: 'x', proof: 'y' })).toBeNull();
    expect(parseAny('{"a":1,"a":2}')).toBeNull();
  });
});

describe('receipt.md', () => {
  interface Vectors { policy: string; cases: { what: string; receipt: string; level: string; code?: string }[] }
  const cases = vectors<Vectors>('receipt.md').flatMap(({ policy, cases: all }) => all.map((one) => [one.what, { ...one, policy }] as const));
  it.each(cases)('%s', async (_, one) => {
    const value = parseAny(one.receipt);
    const receipt = value === null ? null : readReceipt(value);
    if (!receipt) {
      expect(one).toMatchObject({ level: 'none', code: 'VER-01' });
      return;
    }
    const found = await checkReceipt(receipt, await parsePolicy(one.policy));
    expect(found.level).toBe(one.level);
    expect(found.reasons.map((reason) => reason.code)).toContain(one.code);
  });
});

describe('checkpoint.md and tiles.md', () => {
  it('both signatures of the checkpoint are found, and its text is its own', async () => {
    const [v] = vectors<{ log_key: string; witness_key: string; checkpoint: string; text: string; cosigned_at: number }>('checkpoint.md');
    const checkpoint = parseCheckpoint(v!.checkpoint)!;
    expect(checkpoint.note.text).toBe(v!.text);
    expect(await verifyNoteBy(checkpoint.note, (await parseVerifierKey(v!.log_key))!)).toEqual({ time: null });
    expect(await verifyNoteBy(checkpoint.note, (await parseVerifierKey(v!.witness_key))!)).toEqual({ time: v!.cosigned_at });
  });
  it('roots, inclusion and consistency', async () => {
    const [v] = vectors<{ leaves: string[]; roots: string[]; inclusion: { index: number; size: number; proof: string[] }[]; consistency: { old: number; size: number; proof: string[] }[] }>('tiles.md');
    const roots = v!.roots.map((root) => fromBase64(root)!);
    for (let size = 0; size <= v!.leaves.length; size += 1) expect(await treeRoot(v!.leaves.slice(0, size).map(utf8))).toEqual(roots[size]);
    for (const { index, size, proof } of v!.inclusion)
      expect(await verifyInclusion(await leafHash(utf8(v!.leaves[index]!)), index, size, proof.map((p) => fromBase64(p)!), roots[size]!)).toBe(true);
    for (const { old, size, proof } of v!.consistency)
      if (old > 0) expect(await verifyConsistency(old, size, proof.map((p) => fromBase64(p)!), roots[old]!, roots[size]!)).toBe(true);
  });
});

describe('a policy', () => {
  it('is read whole or not at all', async () => {
    const { policy, log } = await makeReceipt();
    expect(await parsePolicy(policy)).not.toBeNull();
    for (const wrong of [log, `${log}quorum w9\n`, `${policy}quorum none\n`, `${policy}log x\n`, policy.replace('any', '3'), policy.replace('group g any w1 w2', 'group g any w1 w1')])
      expect(await parsePolicy(wrong), wrong).toBeNull();
  });
});

describe('a certificate', () => {
  it('has a check character of ISO 7064 MOD 37,36', () => {
    expect(checkCharacterHolds('A12425GABC1234002M')).toBe(true);
    expect(checkCharacterHolds('00000001894700008')).toBe(true);
    expect(checkCharacterHolds('A12425GABC1243002M')).toBe(false);
  });
  it('is judged as certificate.md says', async () => {
    interface Case { case: string; certificate: Json; leaf: string | null; later: string[]; qr: string | null; verdict: string }
    const cases = vectors<Case>('certificate.md').filter((one) => 'verdict' in one);
    expect(cases.length).toBeGreaterThanOrEqual(3);
    for (const one of cases) {
      const certificate = readCertificate(one.certificate)!;
      const issued = one.leaf ? { leaf: readLeaf(one.leaf), hash: hex(await leafHash(utf8(one.leaf))) } : null;
      const judged = await judgeCertificate(certificate, issued, one.later.map(readLeaf), one.qr);
      expect(judged.verdict, `${one.case}: ${judged.why.map((w) => w.en).join('; ')}`).toBe(one.verdict);
    }
  });
});
