// The receipt: leaf, proof and checkpoint in one file, checked offline (docs/formats/receipt.md, C2SP tlog-proof).
import { type Bytes, fromBase64, fromHex, hex, utf8 } from '../base/bytes';
import { type Json, Refused, isObject, parseJson } from '../base/json';
import type { Text } from '../base/page';
import { type Leaf, type Opening, readLeaf, verifyOpening } from './leaf';
import { leafHash, verifyInclusion } from './merkle';
import { canEd25519, parseCheckpoint } from './note';
import { type Policy, judge } from './policy';

export interface TlogProof { index: number; proof: Bytes[]; checkpoint: string }
export interface Receipt { leaf: string; openings: Opening[]; proof: TlogProof }
// `code` as docs/formats/receipt.md numbers what can be wrong.
export interface Reason { is: 'yes' | 'no' | 'maybe'; text: Text; code?: string }
export type Level = 'none' | 'logged' | 'witnessed';
export interface Finding { level: Level; broken: boolean; reasons: Reason[]; leaf: Leaf | null; hash: string; size: number; openings: Opening[] }

export function parseTlogProof(text: string): TlogProof | null {
  const match = /^c2sp\.org\/tlog-proof@v1\n(?:extra (\S+)\n)?index (0|[1-9][0-9]*)\n((?:\S+\n)*)\n([\s\S]+)$/.exec(text);
  if (!match || (match[1] !== undefined && !fromBase64(match[1])?.length)) return null;
  const proof = match[3]!.split('\n').slice(0, -1).map(fromBase64);
  const index = Number(match[2]);
  if (!Number.isSafeInteger(index) || proof.length > 64 || proof.some((node) => node?.length !== 32)) return null;
  return { index, proof: proof as Bytes[], checkpoint: match[4]! };
}

export function readOpening(value: Json): Opening | null {
  if (!isObject(value) || Object.keys(value).length !== 3 || value['value'] === undefined) return null;
  const { path, salt } = value;
  if (typeof path !== 'string' || path === '' || typeof salt !== 'string' || fromHex(salt)?.length !== 32) return null;
  return { path, salt, value: value['value'] };
}

export function readReceipt(value: Json): Receipt | null {
  if (!isObject(value) || value['format'] !== 'landglass/receipt/1') return null;
  if (Object.keys(value).some((key) => !['format', 'leaf', 'openings', 'proof'].includes(key))) return null;
  const { leaf, proof, openings = [] } = value;
  if (typeof leaf !== 'string' || leaf === '' || typeof proof !== 'string' || !Array.isArray(openings)) return null;
  const parsed = parseTlogProof(proof);
  const opened = openings.map(readOpening);
  return parsed === null || opened.includes(null) ? null : { leaf, openings: opened as Opening[], proof: parsed };
}

export function parseAny(text: string): Json | null {
  try {
    return parseJson(text);
  } catch (trouble) {
    if (trouble instanceof Refused) return null;
    throw trouble;
  }
}

const reason = (is: Reason['is'], zh: string, en: string, code?: string): Reason => ({ is, text: { zh, en }, ...(code ? { code } : {}) });

// Every step is tried and said, so that the reader sees which one fails.
export async function checkReceipt(receipt: Receipt, policy: Policy | null, called: (leaf: Leaf, path: string) => Text = (_, path) => ({ zh: path, en: path })): Promise<Finding> {
  const out: Finding = { level: 'none', broken: false, reasons: [], leaf: null, hash: '', size: 0, openings: [] };
  const no = (code: string, zh: string, en: string): void => { out.broken = true; out.reasons.push(reason('no', zh, en, code)); };
  const yes = (zh: string, en: string): void => { out.reasons.push(reason('yes', zh, en)); };
  const maybe = (code: string, zh: string, en: string): void => { out.reasons.push(reason('maybe', zh, en, code)); };
  try {
    out.leaf = readLeaf(receipt.leaf);
  } catch (trouble) {
    if (!(trouble instanceof Refused)) throw trouble;
    no('VER-02', `日志记录不符合格式：${trouble.code}`, `the leaf is not one: ${trouble.code} ${trouble.where}`);
    return out;
  }
  const leaf = out.leaf;
  const hash = await leafHash(utf8(receipt.leaf));
  out.hash = hex(hash);
  const checkpoint = parseCheckpoint(receipt.proof.checkpoint);
  if (!checkpoint) {
    no('VER-03', '检查点不符合格式', 'the checkpoint is not one');
    return out;
  }
  out.size = checkpoint.size;
  if (checkpoint.origin !== leaf.origin) no('VER-06', '记录属于另一个日志', 'the leaf is of another log than the checkpoint');
  if (leaf.seq !== receipt.proof.index) no('VER-05', '记录的序号与证明不符', 'the leaf says another index than the proof');
  if (await verifyInclusion(hash, receipt.proof.index, checkpoint.size, receipt.proof.proof, checkpoint.root))
    yes(`记录在日志中：第 ${receipt.proof.index} 条，共 ${checkpoint.size} 条`, `the leaf is in the tree: index ${receipt.proof.index} of ${checkpoint.size}`);
  else no('VER-07', '包含证明不成立：记录不在此检查点的日志中', 'the inclusion proof fails: the leaf is not in the tree of this checkpoint');
  for (const opening of receipt.openings) {
    if (await verifyOpening(leaf, opening)) out.openings.push(opening);
    else no('VER-08', `公开的内容与承诺不符：${called(leaf, opening.path).zh}`, `this opening does not open its commitment: ${called(leaf, opening.path).en}`);
  }
  if (out.openings.length > 0 && out.openings.length === receipt.openings.length) yes(`${out.openings.length} 项公开内容与承诺一致`, `${out.openings.length} openings fit their commitments`);
  if (!(await canEd25519())) {
    maybe('VER-04', '此浏览器不支持 Ed25519，签名未核验。请用较新的浏览器，或 landglass verify', 'this browser has no Ed25519: the signatures were not checked. Use a newer one, or landglass verify');
    return out;
  }
  if (!policy) {
    maybe('VER-04', '没有日志公钥，签名未核验', 'no keys to trust were given: the signatures were not checked');
    return out;
  }
  const witnessed = await judge(policy, checkpoint);
  if (witnessed.log === null) {
    if (policy.logs.some((key) => key.name === checkpoint.origin)) no('VER-04', '检查点不是该日志签的', 'the checkpoint is not signed by the key of this log');
    else maybe('VER-04', `不认识这个日志：${checkpoint.origin}`, `not a log that is known here: ${checkpoint.origin}`);
    return out;
  }
  yes(`检查点由日志签名：${checkpoint.origin}`, `the checkpoint is signed by the log: ${checkpoint.origin}`);
  if (out.broken) return out;
  out.level = 'logged';
  if (policy.quorum === 'none') return out;
  if (witnessed.quorum) {
    out.level = 'witnessed';
    yes(`见证人已会签：${witnessed.witnesses.join('、')}`, `cosigned by enough witnesses: ${witnessed.witnesses.join(', ')}`);
  } else {
    maybe('VER-09', '见证人会签不足：次序已定，尚未见证', 'not enough witnesses: order is settled, finality is not');
  }
  return out;
}
