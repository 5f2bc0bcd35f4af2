// The leaf and its commitments: docs/formats/leaf.md, docs/formats/commitment.md.
import { type Bytes, equal, fromBase64url, fromHex, hex, utf8 } from '../base/bytes';
import { type Json, type JsonObject, Refused, canonical, isObject, parseJson } from '../base/json';

export interface Change { institution: string; file: string; record: string; action: string; version: number; state: string;
  set: JsonObject; commit: JsonObject; due: JsonObject; outcome: JsonObject; holds: Json[] }
export interface Leaf { origin: string; seq: number; time: string; as_of: string; command: string; actor: string; change: Change;
  effects: Change[]; sig: { alg: string; key: string; bytes: string } | null; json: JsonObject }

const no = (where: string): never => { throw new Refused('LEAF-03', where); };
const hash = /^[0-9a-f]{64}$/;

function members(value: Json | undefined, required: string[], optional: string[], where: string): JsonObject {
  if (!isObject(value)) return no(where);
  for (const key of required) if (!(key in value)) no(`${where}.${key}`);
  for (const key of Object.keys(value)) if (!required.includes(key) && !optional.includes(key)) no(`${where}.${key}`);
  return value;
}
const text = (value: Json | undefined, where: string): string => (typeof value === 'string' ? value : no(where));
const count = (value: Json | undefined, where: string, least: number): number =>
  (typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : no(where));

function instant(value: Json | undefined, where: string): string {
  const said = text(value, where);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(said)) no(where);
  const date = new Date(said);
  return !Number.isNaN(date.getTime()) && date.toISOString() === said ? said : no(where);
}
const texts = (value: Json | undefined, where: string): void => {
  if (!Array.isArray(value)) no(where);
  for (const one of value as Json[]) text(one, where);
};

function hold(value: Json, where: string): void {
  const one = members(value, [], ['place', 'lift'], where);
  if (Object.keys(one).length !== 1) no(where);
  if ('lift' in one) { text(one['lift'], where); return; }
  const place = members(one['place'], ['by', 'ground', 'actions', 'deadlines'], [], where);
  text(place['by'], where);
  text(place['ground'], where);
  texts(place['actions'], where);
  texts(place['deadlines'], where);
}

function readChange(value: Json | undefined, where: string): Change {
  const c = members(value, ['institution', 'file', 'record', 'action', 'version', 'state'], ['set', 'commit', 'due', 'holds', 'outcome'], where);
  const part = (name: string): JsonObject => {
    if (!(name in c)) return {};
    const found = c[name];
    return isObject(found) && Object.keys(found).length > 0 ? found : no(`${where}.${name}`);
  };
  const file = text(c['file'], `${where}.file`);
  if (file !== '' && !hash.test(file)) no(`${where}.file`);
  const commit = part('commit');
  for (const key of Object.keys(commit)) if (!hash.test(text(commit[key], `${where}.commit`))) no(`${where}.commit.${key}`);
  const due = part('due');
  for (const [key, when] of Object.entries(due)) {
    if (when === null) continue;
    if (isObject(when)) count(members(when, ['left_ms'], [], `${where}.due.${key}`)['left_ms'], `${where}.due.${key}`, 0);
    else instant(when, `${where}.due.${key}`);
  }
  const holds = 'holds' in c ? c['holds'] : [];
  if (!Array.isArray(holds) || ('holds' in c && holds.length === 0)) return no(`${where}.holds`);
  holds.forEach((one, i) => hold(one, `${where}.holds[${i}]`));
  return { institution: text(c['institution'], where), file, record: text(c['record'], where), action: text(c['action'], where),
    version: count(c['version'], where, 1), state: text(c['state'], where), set: part('set'), commit, due, outcome: part('outcome'), holds };
}

// Throws Refused with LEAF-03 what is not a leaf, LEAF-04 what is one in other bytes than the canonical.
export function readLeaf(bytes: string): Leaf {
  let value: Json;
  try {
    value = parseJson(bytes);
  } catch (trouble) {
    return no(trouble instanceof Refused ? `${trouble.code} ${trouble.where}` : 'bytes');
  }
  if (canonical(value) !== bytes) throw new Refused('LEAF-04', 'bytes');
  const l = members(value, ['v', 'origin', 'seq', 'time', 'as_of', 'command', 'actor', 'change', 'sig'], ['effects'], 'leaf');
  if (l['v'] !== 1) no('v');
  const origin = text(l['origin'], 'origin');
  if (origin === '') no('origin');
  const command = text(l['command'], 'command');
  if (!/^[0-9a-f]{32}$/.test(command)) no('command');
  const effects = 'effects' in l ? l['effects'] : [];
  if (!Array.isArray(effects) || effects.length > 100 || ('effects' in l && effects.length === 0)) return no('effects');
  let sig: Leaf['sig'] = null;
  if (l['sig'] !== null) {
    const s = members(l['sig'], ['alg', 'key', 'bytes'], [], 'sig');
    sig = { alg: text(s['alg'], 'sig'), key: text(s['key'], 'sig'), bytes: text(s['bytes'], 'sig') };
    if (!['es256', 'ed25519', 'session'].includes(sig.alg) || fromBase64url(sig.key) === null || fromBase64url(sig.bytes) === null) no('sig');
  }
  return { origin, seq: count(l['seq'], 'seq', 0), time: instant(l['time'], 'time'), as_of: instant(l['as_of'], 'as_of'), command,
    actor: text(l['actor'], 'actor'), change: readChange(l['change'], 'change'),
    effects: effects.map((one, i) => readChange(one, `effects[${i}]`)), sig, json: l };
}

export const commitmentText = (origin: string, command: string, path: string, value: Json): string =>
  canonical(['landglass/commitment/1', origin, command, path, value]);

export async function commitment(salt: Bytes, origin: string, command: string, path: string, value: Json): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', salt, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(commitmentText(origin, command, path, value))));
}

export interface Opening { path: string; salt: string; value: Json }

const within = (path: string): RegExpExecArray | null => /^effects\/(0|[1-9][0-9]?)\/(.+)$/.exec(path);

// The change that a path of an opening leads into.
export function changeAt(leaf: Leaf, path: string): Change | undefined {
  const effect = within(path);
  return effect ? leaf.effects[Number(effect[1])] : leaf.change;
}

// The name that it has there.
export const nameAt = (path: string): string => within(path)?.[2] ?? path;

export async function verifyOpening(leaf: Leaf, opening: Opening): Promise<boolean> {
  const salt = fromHex(opening.salt);
  const stands = changeAt(leaf, opening.path)?.commit[nameAt(opening.path)];
  if (salt?.length !== 32 || typeof stands !== 'string') return false;
  const found = await commitment(salt, leaf.origin, leaf.command, opening.path, opening.value);
  return equal(found, fromHex(stands)!) && hex(found) === stands;
}
