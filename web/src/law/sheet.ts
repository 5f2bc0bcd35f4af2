// The rule sheet as the ladder needs it (docs/formats/rule-sheet.md). Instants are milliseconds, money is fen.
import { type Json, type JsonObject, Refused, isObject } from '../base/json';
import { type Fen, moneyText, parseMoney } from '../base/money';

export interface Row { since: number | null; price: Fen; step: Fen }
export interface Timed { trigger_last_ms: number; trigger_bidders: number; pause_ms: number; inquiry_ms: number; inquiry_wishes: number; prep_ms: number; window_ms: number; restart_within_ms: number; join: 'qualified' | 'offered' | 'wished' }
export interface Ceiling { mode: 'notify_only' | 'stop_and_lot' | 'compete_other'; price: Fen; join_ms: number; other: { name: string; start: number; step: number; max: number } | null; salt_hash: string | null }
export interface Sheet { mode: 'listing' | 'english'; opens: number; closes: number | null; start_price: Fen; increments: Row[]; multiple: boolean; own_raise: boolean; min_bidders: number;
  ceiling: Ceiling | null; reserve: { commitment: string | null; within_ms: number } | null; guard: { max_price: Fen | null; factor: number }; timed: Timed | null;
  calls: { count: number; gap_ms: number } | null; freeze: { restart_prep: boolean; short_ms: number; notice_ms: number; last_ms: number; last_cap_ms: number };
  silence: { tick_ms: number; max_gap_ms: number } }

const wrong = (where: string): never => { throw new Refused('AU-01', where); };
export function instant(value: Json | undefined, where: string): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString() === value ? time : wrong(where);
}
export function fen(value: Json | undefined, where: string): Fen {
  const money = typeof value === 'string' ? parseMoney(value) : null;
  return money !== null && moneyText(money) === value ? money : wrong(where);
}
const object = (value: Json | undefined, where: string): JsonObject => (isObject(value) ? value : wrong(where));
const optional = <T>(value: Json | undefined, read: (value: JsonObject) => T, where: string): T | null => (value === null ? null : read(object(value, where)));

export function readRows(value: Json | undefined): Row[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 64) return wrong('increments');
  return value.map((one, i) => {
    const row = object(one, `increments[${i}]`);
    return { since: row['since'] === null ? null : instant(row['since'], `increments[${i}].since`), price: fen(row['price'], `increments[${i}].price`), step: fen(row['step'], `increments[${i}].step`) };
  });
}

// Of a sheet whose hash the announcement's leaf carries; that it was consistent when it was announced is the server's check.
export function readSheet(value: Json): Sheet {
  const s = object(value, '');
  if (s['format'] !== 'landglass/rule-sheet/1' || (s['mode'] !== 'listing' && s['mode'] !== 'english')) return wrong('mode');
  const guard = object(s['guard'], 'guard');
  return { mode: s['mode'], opens: instant(s['opens'], 'opens'), closes: s['closes'] === null ? null : instant(s['closes'], 'closes'), start_price: fen(s['start_price'], 'start_price'),
    increments: readRows(s['increments']), multiple: s['multiple'] === true, own_raise: s['own_raise'] === true, min_bidders: Number(s['min_bidders']),
    ceiling: optional(s['ceiling'], (c) => ({ ...c, price: fen(c['price'], 'ceiling.price') }) as unknown as Ceiling, 'ceiling'),
    reserve: optional(s['reserve'], (r) => ({ ...r }) as unknown as NonNullable<Sheet['reserve']>, 'reserve'),
    guard: { max_price: guard['max_price'] === null ? null : fen(guard['max_price'], 'guard.max_price'), factor: Number(guard['factor']) },
    timed: optional(s['timed'], (t) => t as unknown as Timed, 'timed'), calls: optional(s['calls'], (c) => c as unknown as NonNullable<Sheet['calls']>, 'calls'),
    freeze: object(s['freeze'], 'freeze') as unknown as Sheet['freeze'], silence: object(s['silence'], 'silence') as unknown as Sheet['silence'] };
}

// The step of the last row whose `since` has come and whose `price` is at most the standing one.
export function stepAt(rows: Row[], base: Fen, now: number): Fen {
  let step = rows[0]!.step;
  let group = rows[0]!.since;
  for (const row of rows) if ((row.since ?? -Infinity) <= now) group = row.since;
  for (const row of rows) if (row.since === group && row.price <= base) step = row.step;
  return step;
}
