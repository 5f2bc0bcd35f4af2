// What a leaf names by keys, in words. A leaf says by SHA-256 which file of the pack ruled it; what that file calls institution, acts,
// states and fields comes with this page, under the same digest. Proven are the keys: the words are this page's, and where it has none
// under that digest the keys stand alone, since another version may mean something else by them (docs/decisions/0194).
import { type Json, canonical, isObject } from '../base/json';
import { type Text, lang } from '../base/page';
import { amountText } from './labels';
import type { Change } from './leaf';

type Pair = [string, string];
type Codes = Record<string, Pair>;
export interface FileWords { institution: string; title: Pair; acts: Codes; states: Codes; fields: Record<string, [string, string, string, (string | Codes)?]> }
export interface Words { files: Record<string, FileWords>; tables: Record<string, Codes> }
export const noWords: Words = { files: {}, tables: {} };

const text = (pair: Pair): Text => ({ zh: pair[0], en: pair[1] });
const own = <T>(of: Record<string, T>, key: string): T | undefined => (Object.hasOwn(of, key) ? of[key] : undefined);

export const readWords = (value: unknown): Words =>
  (isObject(value as Json) && isObject((value as unknown as Words).files as unknown as Json) && isObject((value as unknown as Words).tables as unknown as Json) ? value as Words : noWords);

// The file that ruled this change; null where these are no words of it.
export function fileOf(words: Words, change: Change): FileWords | null {
  const file = own(words.files, change.file);
  return file && file.institution === change.institution ? file : null;
}

export const titleOf = (file: FileWords): Text => text(file.title);

export function actOf(file: FileWords, action: string): Text | null {
  const [, act, joint] = /^(.+?)(:concur.*)?$/.exec(action) ?? [];
  if (!act) return null;
  if (act.startsWith('due:')) return { zh: '期限届满', en: 'Deadline passed' };
  const title = own(file.acts, act);
  if (!title) return null;
  return joint ? { zh: `${title[0]}（待会同）`, en: `${title[1]} (to be concurred)` } : text(title);
}

// With those of the regions beside it; null where one of them has no words.
export function stateOf(file: FileWords, state: string): Text | null {
  const parts = state.split('|').map((one) => own(file.states, one));
  return parts.every((one) => one !== undefined) ? { zh: parts.map((one) => one[0]).join('、'), en: parts.map((one) => one[1]).join(', ') } : null;
}

export function fieldOf(file: FileWords | null, name: string): Text | null {
  const field = file && own(file.fields, name);
  return field ? { zh: field[0], en: field[1] } : null;
}

const longest = 200;  // of a value among the facts; the source has it whole

// A value as the kind of its field has it read. What a code means stands in a table of the pack, which no leaf names by its digest: the
// code stays beside it.
export function valueOf(words: Words, file: FileWords | null, name: string, value: Json): string {
  const field = file && own(file.fields, name);
  if (value === null) return '—';
  if (typeof value === 'boolean') return lang() === 'zh' ? (value ? '是' : '否') : value ? 'Yes' : 'No';
  if (typeof value !== 'string') return shortened(canonical(value));
  const codes = typeof field?.[3] === 'string' ? own(words.tables, field[3]) : field?.[3];
  const named = codes && own(codes, value);
  if (named) return lang() === 'zh' ? `${named[0]}（${value}）` : `${named[1]} (${value})`;
  return amountText(field?.[2] ?? '', value) ?? shortened(value);
}

const shortened = (text: string): string => ([...text].length > longest ? `${[...text].slice(0, longest).join('')}…` : text);
