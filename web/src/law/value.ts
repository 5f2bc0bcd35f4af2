// Values of the expression language, each with its unit. Amounts are integers (fen, 0.01 ㎡, days, milliseconds), ratios are
// exact; nothing is ever a float.
import type { Json } from '../base/json';
import { moneyGrouped, moneyText, parseMoney } from '../base/money';
import type { Text } from '../base/page';
import { type DayKind, formatDate, parseDate } from './calendar';

export type Kind = 'null' | 'boolean' | 'integer' | 'money' | 'area' | 'ratio' | 'date' | 'time' | 'days' | 'text' | 'list' | 'record';
export interface Value { kind: Kind; n: bigint; d: bigint; day?: DayKind; text?: string; items?: Value[]; members?: Map<string, Value> }
// Kind null: any type, told at evaluation.
export interface Type { kind: Kind; element?: Type; members?: Map<string, Type>; day?: DayKind }

// A refusal of the language; `column` counts code points from 1, 0 where no place is known yet.
export class LawRefusal extends Error {
  constructor(readonly code: string, public column: number, readonly say: Text = { zh: code, en: code }) {
    super(`${code} column ${column}`);
  }
}

export const most = 2n ** 63n - 1n;
export const size = (n: bigint): bigint => (n < 0n ? -n : n);
export const number = (kind: Kind, n: bigint): Value => ({ kind, n, d: 1n });
export const nothing: Value = number('null', 0n);
export const truth = (yes: boolean): Value => number('boolean', yes ? 1n : 0n);
export const text = (of: string): Value => ({ ...number('text', 0n), text: of });
export const list = (items: Value[]): Value => ({ ...number('list', 0n), items });
export const daysOf = (count: bigint, day: DayKind): Value => ({ ...number('days', count), day });
export const isTrue = (value: Value): boolean => value.kind === 'boolean' && value.n !== 0n;

export const isNumber = (kind: Kind): boolean => kind === 'integer' || kind === 'ratio';
export const isAmount = (kind: Kind): boolean => kind === 'money' || kind === 'area';
export const isCountable = (kind: Kind): boolean => isNumber(kind) || isAmount(kind) || kind === 'days';
export const isOrdered = (kind: Kind): boolean => isCountable(kind) || kind === 'date' || kind === 'time' || kind === 'text';

// In lowest terms; null where it is out of range.
export function ratio(n: bigint, d: bigint): Value | null {
  if (d < 0n) [n, d] = [-n, -d];
  let [a, b] = [size(n), d];
  while (b !== 0n) [a, b] = [b, a % b];
  n /= a;
  d /= a;
  return size(n) > most || d > most ? null : { kind: 'ratio', n, d };
}
export const inRange = (n: bigint): boolean => n <= most && n >= -most - 1n;
// Half away from zero.
export function rounded(n: bigint, d: bigint): bigint {
  const whole = size(n) / d + (size(n) % d >= d - size(n) % d ? 1n : 0n);
  return n < 0n ? -whole : whole;
}

interface Unit { word: string; kind: Kind; day?: DayKind; times: bigint; over?: bigint }
const units: Unit[] = [
  { word: '亿元', kind: 'money', times: 10_000_000_000n }, { word: '万元', kind: 'money', times: 1_000_000n }, { word: '元', kind: 'money', times: 100n }, { word: 'yuan', kind: 'money', times: 100n },
  { word: '平方公里', kind: 'area', times: 100_000_000n }, { word: 'km2', kind: 'area', times: 100_000_000n }, { word: '公顷', kind: 'area', times: 1_000_000n }, { word: 'ha', kind: 'area', times: 1_000_000n },
  { word: '平方米', kind: 'area', times: 100n }, { word: '㎡', kind: 'area', times: 100n }, { word: 'm2', kind: 'area', times: 100n },
  { word: '亩', kind: 'area', times: 1_000_000n, over: 15n }, { word: 'mu', kind: 'area', times: 1_000_000n, over: 15n },
  { word: '工作日', kind: 'days', day: 'working', times: 1n }, { word: 'working_days', kind: 'days', day: 'working', times: 1n },
  { word: '日', kind: 'days', day: 'calendar', times: 1n }, { word: 'days', kind: 'days', day: 'calendar', times: 1n },
];

// The quantity at the beginning of a text, and how much of it was read; null where it is none or not exact.
export function readQuantity(source: string): { value: Value; length: number } | null {
  const match = /^(\d+)(?:\.(\d+))?/.exec(source);
  if (!match) return null;
  const [digits, decimals] = [match[1]!, match[2] ?? ''];
  if ((digits.length > 1 && digits.startsWith('0')) || digits.length + decimals.length > 18 || decimals.length > 9) return null;
  const [n, power, length] = [BigInt(digits + decimals), 10n ** BigInt(decimals.length), match[0].length];
  const rest = source.slice(length);
  const parts = rest.startsWith('%') ? 100n : rest.startsWith('‰') ? 1000n : 0n;
  const as = (value: Value | null, more: number): { value: Value; length: number } | null => (value ? { value, length: length + more } : null);
  if (parts > 0n) return as(ratio(n, power * parts), 1);
  const spaces = /^ */.exec(rest)![0].length;
  const after = rest.slice(spaces);
  const unit = units.find(({ word }) => after.startsWith(word) && !(/^\w/.test(word) && /^\w/.test(after.slice(word.length))));
  if (!unit) return as(decimals === '' ? number('integer', n) : ratio(n, power), 0);
  const [top, bottom] = [n * unit.times, power * (unit.over ?? 1n)];
  if (unit.over === undefined && top % bottom !== 0n) return null;
  const amount = rounded(top, bottom);
  return inRange(amount) ? as(unit.day ? daysOf(amount, unit.day) : number(unit.kind, amount), spaces + unit.word.length) : null;
}

export function parseTime(source: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(Z|\+08:00)$/.exec(source);
  const day = match && parseDate(match[1]!);
  if (!match || day === null) return null;
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
  if (hour > 23 || minute > 59 || second > 59) return null;
  return day! * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + Number(match[5] ?? 0) - (match[6] === 'Z' ? 0 : 28_800_000);
}
export const dayOfTime = (ms: bigint): number => Math.floor((Number(ms) + 28_800_000) / 86_400_000);
const formatTime = (ms: bigint): string => {
  const day = Math.floor(Number(ms) / 86_400_000);
  return `${formatDate(day)}T${new Date(Number(ms) - day * 86_400_000).toISOString().slice(11)}`;
};

const hundredths = (n: bigint): string => moneyText(n);
const trimmed = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/0+$/, '').replace(/\.$/, '') : decimal);
export function ratioText({ n, d }: Value): string {
  const basis = n * 10_000n;
  return inRange(basis) && basis % d === 0n ? `${trimmed(hundredths(basis / d))}%` : `${n}/${d}`;
}
function parseRatio(source: string): Value | null {
  const percent = /^(-?)(0|[1-9]\d*)(?:\.(\d{1,4}))?([%‰])$/.exec(source);
  if (percent) {
    const n = BigInt(percent[2]! + (percent[3] ?? '')) * (percent[1] ? -1n : 1n);
    return ratio(n, 10n ** BigInt((percent[3] ?? '').length) * (percent[4] === '%' ? 100n : 1000n));
  }
  const fraction = /^(-?(?:0|[1-9]\d*))\/([1-9]\d*)$/.exec(source);
  return fraction ? ratio(BigInt(fraction[1]!), BigInt(fraction[2]!)) : null;
}

export const nameOfType = (type: { kind: Kind; day?: DayKind | undefined }): Text => {
  if (type.kind === 'days' && type.day) return type.day === 'working' ? { zh: '工作日', en: 'working days' } : { zh: '日历日', en: 'calendar days' };
  const zh: Record<Kind, string> = { null: '空值', boolean: '是非', integer: '整数', money: '金额', area: '面积', ratio: '比例', date: '日期', time: '时刻', days: '天数', text: '文本', list: '列表', record: '记录' };
  return { zh: zh[type.kind], en: type.kind };
};

export function fromJson(json: Json | undefined, type: Type): Value {
  const bad = (): never => { throw new LawRefusal('LAW-10', 0, { zh: `不是${nameOfType(type).zh}`, en: `does not read as ${nameOfType(type).en}` }); };
  if (json === null || json === undefined) return nothing;
  const string = typeof json === 'string' ? json : null;
  const whole = typeof json === 'number' && Number.isSafeInteger(json) ? number('integer', BigInt(json)) : null;
  const members = (): Value => {
    if (typeof json !== 'object' || Array.isArray(json)) return bad();
    const names = type.members ? [...type.members.keys()] : Object.keys(json);
    return { ...number('record', 0n), members: new Map(names.map((name) => [name, fromJson(json[name], type.members?.get(name) ?? { kind: 'null' })])) };
  };
  const items = (): Value => (Array.isArray(json) ? list(json.map((one) => fromJson(one, type.element ?? { kind: 'null' }))) : bad());
  const some = <T>(read: T | null, make: (read: T) => Value): Value => (read === null ? bad() : make(read));
  switch (type.kind) {
    case 'null': return typeof json === 'boolean' ? truth(json) : whole ?? (string !== null ? text(string) : Array.isArray(json) ? items() : typeof json === 'object' ? members() : bad());
    case 'boolean': return typeof json === 'boolean' ? truth(json) : bad();
    case 'integer': return whole ?? bad();
    case 'list': return items();
    case 'record': return members();
    default: break;
  }
  if (string === null) return bad();
  switch (type.kind) {
    case 'text': return text(string);
    case 'money': case 'area': return some(parseMoney(string), (n) => number(type.kind, n));
    case 'date': return some(parseDate(string), (days) => number('date', BigInt(days)));
    case 'time': return some(parseTime(string), (ms) => number('time', BigInt(ms)));
    default: break;
  }
  const plain = type.kind === 'ratio' ? parseRatio(string) : null;
  if (plain) return plain;
  const negative = string.startsWith('-');
  const read = readQuantity(negative ? string.slice(1) : string);
  if (!read || read.length !== string.length - (negative ? 1 : 0)) return bad();
  const value = { ...read.value, n: negative ? -read.value.n : read.value.n };
  if (type.kind === 'ratio' && value.kind === 'integer') return { kind: 'ratio', n: value.n, d: 1n };
  return value.kind !== type.kind || (type.day && value.day !== type.day) ? bad() : value;
}

export function toJson(value: Value): Json {
  switch (value.kind) {
    case 'null': return null;
    case 'boolean': return value.n !== 0n;
    case 'integer': return Number(value.n);
    case 'money': case 'area': return hundredths(value.n);
    case 'ratio': return ratioText(value);
    case 'date': return formatDate(Number(value.n));
    case 'time': return formatTime(value.n);
    case 'days': return `${value.n} ${value.day === 'working' ? 'working_days' : 'days'}`;
    case 'text': return value.text!;
    case 'list': return value.items!.map(toJson);
    case 'record': return Object.fromEntries([...value.members!].map(([name, one]) => [name, toJson(one)]));
  }
}

// As a refusal prints it.
export function show(value: Value): Text {
  const alike = (both: string): Text => ({ zh: both, en: both });
  switch (value.kind) {
    case 'null': return { zh: '空', en: 'absent' };
    case 'boolean': return value.n !== 0n ? { zh: '是', en: 'true' } : { zh: '否', en: 'false' };
    case 'integer': return alike(`${value.n}`);
    case 'money': return { zh: `${moneyGrouped(value.n)} 元`, en: `${moneyGrouped(value.n)} yuan` };
    case 'area': {
      const [metres, mu] = [rounded(value.n, 100n), rounded(value.n * 15n, 10_000n)];
      const whole = moneyGrouped(size(metres) / 10_000n * 100n).slice(0, -3);
      return { zh: `${metres < 0n ? '-' : ''}${whole}.${(size(metres) % 10_000n).toString().padStart(4, '0')} 公顷（${moneyGrouped(mu)} 亩）`, en: `${hundredths(value.n)} m²` };
    }
    case 'ratio': return alike(ratioText(value));
    case 'date': return alike(formatDate(Number(value.n)));
    case 'time': return alike(formatTime(value.n + 28_800_000n).slice(0, 19).replace('T', ' '));
    case 'days': return value.day === 'working' ? { zh: `${value.n} 个工作日`, en: `${value.n} working days` } : { zh: `${value.n} 日`, en: `${value.n} days` };
    case 'text': return alike(value.text!);
    case 'list': {
      const shown = value.items!.slice(0, 10).map(show);
      const more = value.items!.length > 10 ? { zh: `, … 共 ${value.items!.length} 项`, en: `, … ${value.items!.length} in all` } : { zh: '', en: '' };
      return { zh: `[${shown.map((one) => one.zh).join(', ')}${more.zh}]`, en: `[${shown.map((one) => one.en).join(', ')}${more.en}]` };
    }
    case 'record': return { zh: '记录', en: 'record' };
  }
}
