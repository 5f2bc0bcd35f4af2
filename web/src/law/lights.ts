// The light of a term (docs/formats/lights.md): anybody recomputes it from public leaves. A date is a count of days.
import { type Calendar, type DayKind } from './calendar';

export type Light = 'none' | 'reminder' | 'yellow' | 'red';

// The days after `from` up to `to` do not count; without `to` it still stands.
export interface Pause { from: number; to?: number | null }
export interface Matter { due: number; kind?: DayKind; move?: boolean; pauses?: Pause[]; finished?: number | null }
export interface Thresholds { reminder?: number; red?: number }  // working days; defaults 1 and 3

interface Clock { due: number; stopped: boolean }

function clockOf(matter: Matter, today: number, calendar: Calendar): Clock {
  const kind = matter.kind ?? 'working';
  let due = matter.due;
  let stopped = false;
  let counted = -Infinity;
  for (const pause of matter.pauses ?? []) {
    if (pause.from > due || pause.from > today) continue;  // it heals nothing that was missed before it began
    const end = pause.to ?? null;
    if (end === null || end > today) stopped = true;
    const to = Math.min(end ?? today, today);
    const from = Math.max(pause.from, counted);
    if (to <= from) continue;
    counted = to;
    due = calendar.lastDay(due, kind === 'working' ? calendar.workingDaysBetween(from, to) : to - from, kind, matter.move ?? false);
    if (due < to) due = calendar.lastDay(to, 0, 'calendar', true);
  }
  return { due, stopped };
}

export const dueAfterPauses = (matter: Matter, today: number, calendar: Calendar): number => clockOf(matter, today, calendar).due;

export function lightOf(matter: Matter, today: number, calendar: Calendar, thresholds: Thresholds = {}): Light {
  const finished = matter.finished ?? null;
  const day = finished === null ? today : Math.min(finished, today);
  const { due, stopped } = clockOf(matter, day, calendar);
  if (stopped) return 'none';
  if (day > due) return calendar.workingDaysBetween(due, day) > (thresholds.red ?? 3) ? 'red' : 'yellow';
  if (finished !== null && finished <= today) return 'none';
  return day >= calendar.lastDay(due, -(thresholds.reminder ?? 1), 'working') ? 'reminder' : 'none';
}
