// What an official signs (docs/formats/act.md): the second implementation of src/log/act.cpp. Pure.
import { type Bytes, base64url, fromBase64url, utf8 } from '../base/bytes';
import { type Json, canonical, isObject } from '../base/json';

export interface Statement { [name: string]: Json; origin: string; institution: string; record: string; action: string; command: string; post: string; until: string; fields: { [name: string]: Json } }
export interface SignedAct { statement: Statement; salts: Json; key: string; bytes: string }

const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };

export const actBytes = (statement: Statement): Bytes => utf8(`landglass/act/1\n${canonical(statement)}`);

export function readStatement(value: Json): Statement | null {
  if (!isObject(value) || !isObject(value['fields'])) return null;
  for (const name of ['origin', 'institution', 'record', 'action', 'command', 'post', 'until']) if (typeof value[name] !== 'string') return null;
  return value as Statement;
}

// Nobody signs what he did not fill in: the statement must be of the form's own act, and name no field that the form has not; a list is typed as rows named "partners.0.share".
export function isOf(statement: Statement, address: string, names: readonly string[]): boolean {
  const path = address.replace(/^.*?(?=\/(?:new|act)\/)/, '').split('/').map(decodeURIComponent);
  const [, kind, institution, key, action] = path;
  if (statement.institution !== institution) return false;
  if (kind === 'new' ? statement.record !== '' : statement.record !== `${institution}/${key}` || statement.action !== action) return false;
  return Object.keys(statement.fields).every((name) => names.some((one) => one === name || one.startsWith(`${name}.`)));
}

export async function signAct(statement: Statement, salts: Json, key: { privateKey: CryptoKey; publicKey: string }): Promise<SignedAct> {
  const bytes = new Uint8Array(await crypto.subtle.sign(ecdsa, key.privateKey, actBytes(statement)));
  return { statement, salts, key: key.publicKey, bytes: base64url(bytes) };
}

export async function verifyAct(act: Pick<SignedAct, 'statement' | 'key' | 'bytes'>): Promise<boolean> {
  const [point, bytes] = [fromBase64url(act.key), fromBase64url(act.bytes)];
  if (!point || !bytes) return false;
  try {
    const key = await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    return await crypto.subtle.verify(ecdsa, key, bytes, actBytes(act.statement));
  } catch {
    return false;
  }
}
