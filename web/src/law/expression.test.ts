import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject, canonical, isObject } from '../base/json';
import type { Text } from '../base/page';
import { vectors } from '../base/vectors';
import { Calendar, type DayKind, formatDate, parseDate } from './calendar';
import { Expression, LawRefusal, wordsOf } from './expression';
import { type Kind, type Type, fromJson, toJson } from './value';

interface Vector { source: string; names?: Record<string, { type: Json; value: Json }>; type?: string; result?: Json; refusal?: string; where?: string; labels?: JsonObject; why?: Text }
interface Document { vectors?: Vector[]; calendar?: { off: string[]; work: string[] }; terms?: { from: string; count: number; kind: DayKind; move?: boolean; last: string }[]; between?: { from: string; to: string; working: number }[] }

const blocks = vectors<Document>('expression.md');
const part = <K extends keyof Document>(name: K): NonNullable<Document[K]> => blocks.find((one) => one[name] !== undefined)![name]!;
const days = (texts: string[]): number[] => texts.map((one) => parseDate(one)!);
const calendar = new Calendar(days(part('calendar').off), days(part('calendar').work));

function typeOf(json: Json): Type {
  if (Array.isArray(json)) return { kind: 'list', element: typeOf(json[0]!) };
  if (isObject(json)) {
    const members = Object.entries(json);
    return members.length === 0 ? { kind: 'record' } : { kind: 'record', members: new Map(members.map(([name, type]) => [name, typeOf(type)])) };
  }
  if (json === 'working_days' || json === 'calendar_days') return { kind: 'days', day: json === 'working_days' ? 'working' : 'calendar' };
  return { kind: json === 'any' ? 'null' : json as Kind };
}

function outcome({ source, names = {}, labels = {}, why }: Vector): Json {
  const types = new Map(Object.entries(names).map(([name, one]) => [name, typeOf(one.type)]));
  try {
    const expression = Expression.compile(source, { names: types });
    const scope = { name: (name: string) => fromJson(names[name]!.value, types.get(name)!), calendar };
    if (why) return { why: expression.require(scope, wordsOf(labels)) as unknown as Json };
    const value = expression.evaluate(scope);
    return { type: value.kind, result: toJson(value) };
  } catch (error) {
    if (!(error instanceof LawRefusal)) throw error;
    return { refusal: error.code, where: `column ${error.column}` };
  }
}

describe('an expression', () => {
  it('comes out as every vector of the document says', () => {
    const all = part('vectors');
    expect(all.length).toBeGreaterThan(200);
    for (const vector of all) {
      const { type, result, refusal, where, why } = vector;
      const wanted: Json = why ? { why: why as unknown as Json } : refusal ? { refusal, where: where! } : { type: type!, result: result! };
      expect(canonical(outcome(vector)), canonical(vector as unknown as Json).slice(0, 300)).toBe(canonical(wanted));
    }
  });
  it('says which facts it reads', () => {
    const names = new Map<string, Type>([['price', { kind: 'money' }], ['scheme', { kind: 'record', members: new Map([['state', { kind: 'text' } as Type], ['share', { kind: 'ratio' } as Type]]) }]]);
    const expression = Expression.compile("scheme.state == 'approved' && price > scheme.share * 1元", { names });
    expect([...expression.reads].sort()).toEqual(['price', 'scheme.share', 'scheme.state']);
  });
});

describe('the calendar', () => {
  it('ends terms on the days of the document', () => {
    for (const term of part('terms')) expect(formatDate(calendar.lastDay(parseDate(term.from)!, term.count, term.kind, term.move ?? false)), canonical(term as unknown as Json)).toBe(term.last);
  });
  it('counts the working days of the document', () => {
    for (const span of part('between')) expect(calendar.workingDaysBetween(parseDate(span.from)!, parseDate(span.to)!)).toBe(span.working);
  });
});
