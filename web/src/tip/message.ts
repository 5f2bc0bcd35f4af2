// A message out of its locked value, and its proof into the hour's roll (docs/formats/tips.md). Pure.
import { type Bytes, fromBase64url, fromHex, fromUtf8, hex, sha256, utf8 } from '../base/bytes';
import { type Json, isObject, parseJson } from '../base/json';
import { readLeaf } from '../verify/leaf';
import { leafHash, verifyInclusion } from '../verify/merkle';
import { type Policy } from '../verify/policy';
import { type Level, checkReceipt, readReceipt } from '../verify/receipt';

export function readMessage(value: Uint8Array): string | null {
  const text = fromUtf8(value);
  if (text === null) return null;
  try {
    const json = parseJson(text.trim(), 'any');
    return isObject(json) && json['format'] === 'landglass/tip-message/1' && typeof json['text'] === 'string' ? json['text'] : null;
  } catch {
    return null;
  }
}

export const rollSize = 1024;
export const documentHash = async (document: string): Promise<string> => hex(await sha256(utf8(document)));
export const rollEntry = (hash: string): Promise<Bytes> => leafHash(utf8(`landglass/tip-roll/1\n${hash}`));

export interface RollProof { document_hash: string; index: number; path: string; roll: string }
export function readProof(value: Json | undefined): RollProof | null {
  if (!isObject(value)) return null;
  const { document_hash, index, path, roll } = value;
  return typeof document_hash === 'string' && /^[0-9a-f]{64}$/.test(document_hash) && typeof index === 'number' && typeof path === 'string' && typeof roll === 'string' ? { document_hash, index, path, roll } : null;
}

// That a message stood in the roll of an hour: proved into its root, whose leaf is proved into the open log.
export async function checkTipReceipt(proof: RollProof, receipt: Json, policy: Policy | null): Promise<Level> {
  const read = readReceipt(receipt);
  if (!read) return 'none';
  const { change } = readLeaf(read.leaf);
  const root = typeof change.set['root'] === 'string' ? fromHex(change.set['root']) : null;
  const path = proof.path.split(' ').map(fromBase64url);
  if (change.record !== proof.roll || change.institution !== 'tip-roll' || !root || path.some((one) => one === null)) return 'none';
  if (!(await verifyInclusion(await rollEntry(proof.document_hash), proof.index, rollSize, path as Bytes[], root))) return 'none';
  return (await checkReceipt(read, policy)).level;
}
