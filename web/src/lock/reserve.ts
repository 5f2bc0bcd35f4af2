// A reserve as docs/formats/locked.md locks it: price and salt, whose commitment (rule-sheet.md) stands in the scheme.
import { type Bytes, fromBase64url, hex, utf8 } from '../base/bytes';
import { type JsonObject, canonical, isObject, parseJson } from '../base/json';
import { type Fen, moneyText } from '../base/money';
import { lock } from './locked';

export interface Reserve { price: string; salt: string }

export async function reserveCommitment({ price, salt }: Reserve): Promise<string> {
  const bytes = Uint8Array.from(salt.match(/../g) ?? [], (two) => parseInt(two, 16));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hex(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(canonical(['landglass/reserve/1', price])) as Uint8Array<ArrayBuffer>)));
}

// Public keys as people paste them: one a line, or parted by spaces or commas. null where one does not read.
export function readKeys(text: string): Bytes[] | null {
  const keys = text.split(/[\s,，、]+/).filter((one) => one !== '').map((one) => fromBase64url(one));
  return keys.every((key): key is Bytes => key !== null && key.length === 32) ? keys : null;
}

export async function lockReserve(price: Fen, k: number, openers: Uint8Array[]): Promise<{ document: JsonObject; commitment: string }> {
  const reserve: Reserve = { price: moneyText(price), salt: hex(crypto.getRandomValues(new Uint8Array(32))) };
  return { document: await lock(utf8(canonical({ price: reserve.price, salt: reserve.salt })), k, openers), commitment: await reserveCommitment(reserve) };
}

export function readReserve(value: Uint8Array): Reserve | null {
  try {
    const json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(value));
    if (!isObject(json)) return null;
    const { price, salt } = json;
    return typeof price === 'string' && /^\d+\.\d\d$/.test(price) && typeof salt === 'string' && /^[0-9a-f]{64}$/.test(salt) ? { price, salt } : null;
  } catch {
    return null;
  }
}
