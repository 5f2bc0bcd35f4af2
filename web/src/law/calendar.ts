// Days of the law: docs/formats/expression.md, "Days". A date is a count of days from 1970-01-01.
export type DayKind = 'calendar' | 'working';

const longest = 36_525;

export function parseDate(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const made = new Date(0);
  made.setUTCFullYear(year, month - 1, day);
  return year >= 1 && made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day ? made.getTime() / 86_400_000 : null;
}
export const formatDate = (days: number): string => {
  const date = new Date(days * 86_400_000);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}-${String(date.getUTCMonth() + 1).padStart(2, '0')}-${String(date.getUTCDate()).padStart(2, '0')}`;
};
export const yearOf = (days: number): number => new Date(days * 86_400_000).getUTCFullYear();
const weekday = (days: number): number => (((days + 3) % 7) + 7) % 7;  // 0 is a Monday

// The same day so many months on, or the last of a shorter month.
export const addMonths = (days: number, months: number): number => {
  const from = new Date(days * 86_400_000);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(from.getUTCDate(), last)) / 86_400_000;
};

export class Calendar {
  readonly #notices = new Map<number, boolean>();  // day -> off
  constructor(off: Iterable<number> = [], work: Iterable<number> = []) {
    for (const day of off) this.#notices.set(day, true);
    for (const day of work) this.#notices.set(day, false);
  }
  working(day: number): boolean {
    const off = this.#notices.get(day);
    return off === undefined ? weekday(day) < 5 : !off;
  }
  // The last day of a term of so many days; the start day is not counted. `move`: off a holiday, on to the next working day.
  lastDay(from: number, count: number, kind: DayKind, move = false): number {
    let left = Math.max(-longest, Math.min(longest, count));
    if (kind === 'calendar') {
      let last = from + left;
      while (move && !this.working(last)) last += 1;
      return last;
    }
    const step = left < 0 ? -1 : 1;
    let last = from;
    for (left = Math.abs(left); left > 0;) {
      last += step;
      if (this.working(last)) left -= 1;
    }
    return last;
  }
  workingDaysBetween(from: number, to: number): number {
    if (to < from) return -this.workingDaysBetween(to, from);
    let count = 0;
    for (let day = from + 1; day <= to; day += 1) if (this.working(day)) count += 1;
    return count;
  }
}
