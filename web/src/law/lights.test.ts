import { describe, expect, it } from 'vitest';
import { type JsonObject } from '../base/json';
import { vectors } from '../base/vectors';
import { Calendar, type DayKind, formatDate, parseDate } from './calendar';
import { type Light, dueAfterPauses, lightOf } from './lights';

interface Case { name: string; due: string; kind?: DayKind; move?: boolean; pauses?: { from: string; to?: string }[]; finished?: string; reminder?: number; red?: number; moved?: string; lights: Record<string, Light> }
const blocks = vectors<JsonObject>('lights.md');
const part = <T>(name: string): T => blocks.find((block) => name in block)![name] as unknown as T;
const day = (text: string): number => parseDate(text)!;
const days = part<{ off: string[]; work: string[] }>('calendar');
const calendar = new Calendar(days.off.map(day), days.work.map(day));

describe('lights.md', () => {
  it.each(part<Case[]>('cases').map((one) => [one.name, one] as const))('%s', (_, one) => {
    const matter = {
      due: day(one.due), kind: one.kind ?? 'working', move: one.move ?? false,
      pauses: (one.pauses ?? []).map((pause) => ({ from: day(pause.from), to: pause.to === undefined ? null : day(pause.to) })),
      finished: one.finished === undefined ? null : day(one.finished),
    } as const;
    for (const [today, light] of Object.entries(one.lights))
      expect([today, lightOf({ ...matter, pauses: [...matter.pauses] }, day(today), calendar, { reminder: one.reminder ?? 1, red: one.red ?? 3 })]).toEqual([today, light]);
    if (one.moved !== undefined) expect(formatDate(dueAfterPauses({ ...matter, pauses: [...matter.pauses] }, day('2012-06-01'), calendar))).toBe(one.moved);
  });
});
