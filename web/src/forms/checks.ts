// An act's checks in the browser, before it is sent: docs/formats/page-model.md, "Checks". The same expressions as the server's,
// by the second implementation of the language, and the same words.
import { type Json, type JsonObject, isObject } from '../base/json';
import type { Text } from '../base/page';
import { Calendar } from '../law/calendar';
import { Expression, wordsOf } from '../law/expression';
import { LawRefusal, type Type, type Value, dayOfTime, fromJson, isTrue, nothing, number, parseTime, text } from '../law/value';

export interface Check { code: string; that: string; say: Text; at: string; law?: string; warn?: true }
export interface Unmet { code: string; at: string; warn: boolean; say: Text; detail: Text; law?: string }

export function typeOf(json: Json): Type {
  if (Array.isArray(json)) return { kind: 'list', element: typeOf(json[0]!) };
  if (isObject(json)) {
    const members = Object.entries(json);
    return members.length === 0 ? { kind: 'record' } : { kind: 'record', members: new Map(members.map(([name, type]) => [name, typeOf(type)])) };
  }
  if (json === 'working_days' || json === 'calendar_days') return { kind: 'days', day: json === 'working_days' ? 'working' : 'calendar' };
  return { kind: json === 'any' ? 'null' : json } as Type;
}

const isText = (json: Json | undefined): json is string => typeof json === 'string';
const isSay = (json: Json | undefined): boolean => isObject(json ?? null) && isText((json as JsonObject)['zh']) && isText((json as JsonObject)['en']);

export class Checks {
  private constructor(private readonly checks: { check: Check; that: Expression }[], private readonly types: Map<string, Type>, private readonly labels: JsonObject,
    private readonly values: JsonObject, private readonly parameters: JsonObject, private readonly state: string | null, private readonly begun: number) {}

  // null where it does not read. A check in words that this page does not know is the server's alone.
  static read(json: Json): Checks | null {
    if (!isObject(json) || !Array.isArray(json['checks']) || !isObject(json['types'] ?? null) || !isText(json['now'])) return null;
    const types = new Map(Object.entries(json['types'] as JsonObject).map(([name, type]) => [name, typeOf(type)]));
    types.set('today', { kind: 'date' }).set('now', { kind: 'time' }).set('state', { kind: 'text' });
    const checks: { check: Check; that: Expression }[] = [];
    for (const one of json['checks']) {
      if (!isObject(one) || !isText(one['code']) || !isText(one['that']) || !isText(one['at']) || !isSay(one['say'])) return null;
      if (one['that'].includes('working_days')) continue;  // its calendar is the server's
      try {
        checks.push({ check: one as unknown as Check, that: Expression.compile(one['that'], { names: types }) });
      } catch (error) {
        if (!(error instanceof LawRefusal)) throw error;
      }
    }
    const part = (name: string): JsonObject => (isObject(json[name] ?? null) ? json[name] as JsonObject : {});
    return new Checks(checks, types, part('labels'), part('values'), part('parameters'), isText(json['state']) ? json['state'] : null, parseTime(json['now']) ?? 0);
  }

  // `given`: the form's fields as they will be sent; absent where nothing was typed. `elapsed`: ms since the page was made.
  // `touched`: only checks all of whose typed fields are there.
  unmet(given: JsonObject, asked: ReadonlySet<string>, elapsed: number, touched = false): Unmet[] {
    const now = this.begun + elapsed;
    const all: JsonObject = { ...this.values, ...given };
    for (const name of asked) if (!(name in given)) delete all[name];
    const value = (name: string): Value => {
      if (name === 'now') return number('time', BigInt(now));
      if (name === 'today') return number('date', BigInt(dayOfTime(BigInt(now))));
      if (name === 'state') return this.state === null ? nothing : text(this.state);
      const type = this.types.get(name) ?? { kind: 'null' };
      const entries = this.parameters[name];
      if (!Array.isArray(entries)) return fromJson(all[name], type);
      let best: { value: Json; region: string } | null = null;
      for (const entry of entries) {
        if (!isObject(entry)) continue;
        const region = isText(entry['region']) ? entry['region'] : '';
        if (!String(all['region'] ?? '').startsWith(region)) continue;
        if (isText(entry['when']) && !isTrue(Expression.compile(entry['when'], { names: this.types }).evaluate(scope))) continue;
        if (best === null || region.length >= best.region.length) best = { value: entry['value'] ?? null, region };
      }
      return best === null ? nothing : fromJson(best.value, type);
    };
    const scope = { name: value, calendar: new Calendar() };
    const out: Unmet[] = [];
    for (const { check, that } of this.checks) {
      const typed = [...that.reads].map((path) => path.split('.')[0]!).filter((name) => asked.has(name));
      if (touched && typed.some((name) => !(name in given))) continue;
      try {
        const why = that.require(scope, wordsOf(this.labels));
        if (why) out.push({ code: check.code, at: check.at, warn: check.warn === true, say: check.say, detail: why, ...(check.law ? { law: check.law } : {}) });
      } catch (error) {
        if (!(error instanceof LawRefusal)) throw error;  // a value that does not read yet
      }
    }
    return out;
  }
}
