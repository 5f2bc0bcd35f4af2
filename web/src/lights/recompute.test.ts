import { describe, expect, it } from 'vitest';
import { Calendar, formatDate, parseDate } from '../law/calendar';
import type { Change, Leaf } from '../verify/leaf';
import { termOf } from './recompute';

const record = 'objection/350124-2012-000001';
const change = (action: string, state: string, due: Change['due'] = {}, of = record): Change =>
  ({ institution: 'objection', file: '', record: of, action, version: 1, state, set: {}, commit: {}, due, outcome: {}, holds: [] });
const leaf = (as_of: string, main: Change, ...effects: Change[]): Leaf =>
  ({ origin: 'x', seq: 0, time: as_of, as_of, command: '', actor: '', change: main, effects, sig: null, json: {} });
const calendar = new Calendar();
const by = { reminder: 1, red: 3 };
const at = (leaves: Leaf[], today: string) => termOf(leaves, record, 'answer', parseDate(today)!, calendar, by);
// Due at the midnight that ends Wednesday 8 February 2012.
const filed = leaf('2012-02-01T01:00:00.000Z', change('create', 'filed', { answer: '2012-02-08T16:00:00.000Z' }));

describe('a term out of leaves', () => {
  it('reminds, turns yellow and red', () => {
    expect(formatDate(at([filed], '2012-02-06')!.due)).toBe('2012-02-08');
    expect(at([filed], '2012-02-06')!.light).toBe('none');
    expect(at([filed], '2012-02-07')!.light).toBe('reminder');
    expect(at([filed], '2012-02-09')!.light).toBe('yellow');
    expect(at([filed], '2012-02-14')!.light).toBe('red');
  });
  it('goes on past the deadline that only warned, until the state is left', () => {
    const fell = leaf('2012-02-08T16:00:00.000Z', change('due:answer', 'filed', { answer: null }));
    expect(at([filed, fell], '2012-02-14')!.light).toBe('red');
    const answered = leaf('2012-02-09T02:00:00.000Z', change('answer', 'answered'));
    expect(at([filed, fell, answered], '2012-06-01')).toMatchObject({ light: 'yellow', finished: parseDate('2012-02-09') });
  });
  it('keeps nothing of a term that was met', () => {
    const answered = leaf('2012-02-08T02:00:00.000Z', change('answer', 'answered', { answer: null }));
    expect(at([filed, answered], '2012-06-01')!.light).toBe('none');
  });
  it('stands still while it is paused, and goes on from the day that the leaf says', () => {
    const paused = leaf('2012-02-03T02:00:00.000Z', change('pause-x', 'filed', { answer: { left_ms: 1 } }));
    expect(at([filed, paused], '2012-06-01')!.light).toBe('none');
    const resumed = leaf('2012-02-20T02:00:00.000Z', change('resume-x', 'filed', { answer: '2012-02-24T16:00:00.000Z' }));
    expect(at([filed, paused, resumed], '2012-02-27')!.light).toBe('yellow');
  });
  it('reads what was an effect on the record, and nothing of other records', () => {
    const effect = leaf('2012-02-03T02:00:00.000Z', change('go', 'x', { answer: '2012-03-01T16:00:00.000Z' }, 'other/1'), change('move', 'filed', { answer: '2012-02-10T16:00:00.000Z' }));
    expect(formatDate(at([filed, effect], '2012-02-06')!.due)).toBe('2012-02-10');
    expect(termOf([filed], 'other/1', 'answer', 0, calendar, by)).toBeNull();
    expect(termOf([filed], record, 'none', 0, calendar, by)).toBeNull();
  });
});
