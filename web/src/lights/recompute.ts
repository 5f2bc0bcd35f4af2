// A term's light out of public leaves alone: what the server's watch says is not asked. docs/formats/lights.md; the engine has
// moved the due instant by every pause already, so the day that the newest leaf says is what counts.
import type { Calendar } from '../law/calendar';
import { type Light, type Thresholds, lightOf } from '../law/lights';
import type { Change, Leaf } from '../verify/leaf';

export interface Term { due: number; light: Light; finished: number | null; paused: boolean }

const shanghai = 8 * 3_600_000;
export const dayOf = (iso: string, before = 0): number => Math.floor((Date.parse(iso) - before + shanghai) / 86_400_000);
const mainOf = (state: string): string => state.split('|')[0]!;

function changeOf(leaf: Leaf, record: string): Change | null {
  if (leaf.change.record === record) return leaf.change;
  return leaf.effects.findLast((effect) => effect.record === record) ?? null;
}

// `leaves`: all that changed the record, oldest first. Null where none of them sets the term. A term that fell and whose state
// has not been left still runs; one that is cleared, or whose state is left, has finished that day.
export function termOf(leaves: readonly Leaf[], record: string, deadline: string, today: number, calendar: Calendar, thresholds: Thresholds): Term | null {
  let due: number | null = null;
  let paused = false;
  let finished: number | null = null;
  let state = '';
  for (const leaf of leaves) {
    const change = changeOf(leaf, record);
    if (!change) continue;
    const told = change.due[deadline];
    const fell = change.action === `due:${deadline}`;
    const left = mainOf(change.state) !== state;
    state = mainOf(change.state);
    if (typeof told === 'string') {  // the instant at which the term ends: at midnight it is the day before
      [due, paused, finished] = [dayOf(told, 1), false, null];
    } else if (told === null && !fell) {
      [paused, finished] = [false, finished ?? dayOf(leaf.as_of)];
    } else if (told !== undefined && told !== null) {
      paused = true;
    } else if (due !== null && left && !fell) {
      finished ??= dayOf(leaf.as_of);
    }
  }
  if (due === null) return null;
  const light = paused ? 'none' : lightOf({ due, kind: 'working', finished }, today, calendar, thresholds);
  return { due, light, finished, paused };
}
