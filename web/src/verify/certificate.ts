// The verdict on a certificate (docs/formats/certificate.md): pure, over the issuing leaf and the later ones that are known.
import { type Json, type JsonObject, canonical, isObject } from '../base/json';
import type { Text } from '../base/page';
import { labelOf, stateOf } from './labels';
import { type Change, type Leaf, type Opening, verifyOpening } from './leaf';
import { readOpening } from './receipt';

export interface Certificate { id: string; state: string; fields: JsonObject; openings: Opening[]; receipt: Json }
export type Verdict = 'genuine' | 'outdated' | 'forged' | 'unproven';
export interface Judgement { verdict: Verdict; why: Text[] }
export interface Issued { leaf: Leaf; hash: string }

export function readCertificate(value: Json): Certificate | null {
  if (!isObject(value) || value['format'] !== 'landglass/certificate/1' || Object.keys(value).length !== 6) return null;
  const { id, state, fields, openings, receipt } = value;
  if (typeof id !== 'string' || typeof state !== 'string' || !isObject(fields) || !Array.isArray(openings) || receipt === undefined) return null;
  const opened = openings.map(readOpening);
  if (opened.includes(null) || typeof fields['code'] !== 'string') return null;
  return { id, state, fields, openings: opened as Opening[], receipt };
}

// ISO 7064 MOD 37,36, the check character last.
export function checkCharacterHolds(code: string): boolean {
  if (!/^[0-9A-Z]{2,}$/.test(code)) return false;
  const values = [...code].map((c) => Number.parseInt(c, 36));
  let p = 36;
  for (const value of values.slice(0, -1)) {
    const s = (p + value) % 36 || 36;
    p = (2 * s) % 37;
  }
  return (p + values.at(-1)!) % 36 === 1;
}

const touching = (leaf: Leaf, record: string): { change: Change; prefix: string }[] =>
  [leaf.change, ...leaf.effects].map((change, i) => ({ change, prefix: i === 0 ? '' : `effects/${i - 1}/` })).filter(({ change }) => change.record === record);

const same = (a: Json | undefined, b: Json | undefined): boolean => a !== undefined && b !== undefined && canonical(a) === canonical(b);
const said = (change: Change, field: string): Json | undefined => (field in change.set ? change.set[field] : change.outcome[field]);

export async function judgeCertificate(certificate: Certificate, issued: Issued | null, later: Leaf[], qr: string | null): Promise<Judgement> {
  const forged: Text[] = [];
  const no = (zh: string, en: string): void => { forged.push({ zh, en }); };
  const code = certificate.fields['code'] as string;
  if (!checkCharacterHolds(code)) no('核验码的校验位不对', 'the check character of the code is wrong');
  const mark = qr === null ? null : qr.split(' ');
  if (mark && (mark.length !== 5 || mark[0] !== 'LG1' || mark[1] !== certificate.id || mark[2] !== code)) no('二维码属于另一份证书', 'the QR is of another certificate');
  if (issued) {
    const { leaf, hash } = issued;
    if (mark && mark.length === 5 && ((mark[3] !== '-' && mark[3] !== hash.slice(0, 20)) || mark[4] !== leaf.origin)) no('二维码指向另一条日志记录', 'the QR points to another leaf or log');
    const about = touching(leaf, certificate.id)[0];
    if (!about) {
      no('日志记录与本证书无关', 'the leaf is not about this record');
    } else {
      if (about.change.state !== certificate.state) no('权利状况与日志不符', 'the state is not the one of the leaf');
      for (const [field, value] of Object.entries(certificate.fields))
        if (!same(value, said(about.change, field))) no(`内容与日志不符：${labelOf(field).zh}`, `this is not what the leaf says: ${labelOf(field).en}`);
      for (const opening of certificate.openings)
        if (!opening.path.startsWith(about.prefix) || !(await verifyOpening(leaf, opening))) no(`公开的内容与承诺不符：${labelOf(opening.path).zh}`, `this opening does not open its commitment: ${labelOf(opening.path).en}`);
    }
  }
  if (forged.length > 0) return { verdict: 'forged', why: forged };
  if (!issued) return { verdict: 'unproven', why: [{ zh: '没有可以核验的回执', en: 'there is no receipt that could be checked' }] };
  const about = touching(issued.leaf, certificate.id)[0]!;
  let version = about.change.version;
  let state = certificate.state;
  const old: Text[] = [];
  let moved: Text | null = null;
  const private_ = certificate.openings.map((opening) => opening.path.slice(about.prefix.length));
  for (const leaf of [...later].sort((a, b) => a.seq - b.seq)) {
    for (const { change } of touching(leaf, certificate.id)) {
      if (leaf.origin !== issued.leaf.origin || leaf.seq <= issued.leaf.seq) continue;
      const day = leaf.time.slice(0, 10);
      if (change.version !== version + 1) old.push({ zh: '中间有未出示的变更', en: 'a change in between is not shown' });
      version = change.version;
      if (change.state !== state) moved = { zh: `${day} 权利状况已变为“${stateOf(change.state).zh}”`, en: `on ${day} the state became “${stateOf(change.state).en}”` };
      state = change.state;
      for (const [field, value] of Object.entries(certificate.fields)) {
        const now = change.set[field];
        if (now !== undefined && !same(now, value)) old.push({ zh: `${day} 内容已变更：${labelOf(field).zh}`, en: `changed on ${day}: ${labelOf(field).en}` });
      }
      for (const field of private_) if (field in change.commit) old.push({ zh: `${day} 不公开的内容已变更：${labelOf(field).zh}`, en: `a private field was changed on ${day}: ${labelOf(field).en}` });
    }
  }
  // A state that came back is as it was: what counts is the last one known.
  if (moved && state !== certificate.state) old.push(moved);
  if (old.length > 0) return { verdict: 'outdated', why: old };
  return { verdict: 'genuine', why: [] };
}
