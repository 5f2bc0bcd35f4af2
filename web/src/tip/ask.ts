// What the pages of tips ask of the server. No cookie goes along on the reporter's side.
import { type Json, type JsonObject, isObject, parseJson } from '../base/json';
import { type Text, lang, say } from '../base/page';
import { words } from './words';

export class Told extends Error {}

async function told(answer: Response): Promise<JsonObject> {
  const read = parseJson((await answer.text()).trim(), 'any');
  if (!isObject(read)) throw new Told(say(words.failed));
  if (answer.ok) return read;
  const text = isObject(read['say']) ? (read['say'] as unknown as Text)[lang()] : say(words.failed);
  throw new Told([typeof read['code'] === 'string' ? read['code'] : '', text, typeof read['law'] === 'string' ? `（${read['law']}）` : ''].filter((part) => part !== '').join(' '));
}

// As one whom nobody knows.
export async function quietly(address: string, body?: Json): Promise<JsonObject> {
  return told(await fetch(address, { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer', headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) }));
}

export async function asPost(address: string, csrf: string, body?: Json): Promise<JsonObject> {
  const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return told(await fetch(address, { credentials: 'same-origin', cache: 'no-store', headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': key }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) }));
}

export const text = (of: JsonObject, name: string): string => (typeof of[name] === 'string' ? of[name] : '');
export const list = (of: JsonObject, name: string): JsonObject[] => (Array.isArray(of[name]) ? of[name].filter(isObject) : []);
export const both = (of: JsonObject, name: string): string => (isObject(of[name]) ? (of[name] as unknown as Text)[lang()] : '');
export const why = (error: unknown): string => (error instanceof Told ? error.message : say(words.failed));
// "20120301-0900" of UTC, as people read it.
export function hourText(hour: string): string {
  const time = new Date(`${hour.slice(0, 4)}-${hour.slice(4, 6)}-${hour.slice(6, 8)}T${hour.slice(9, 11)}:${hour.slice(11, 13)}:00Z`);
  return new Intl.DateTimeFormat(lang() === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
