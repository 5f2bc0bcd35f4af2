// Whom a tip may go to: what src/tips/tips.cpp refuses is not offered. A division's code ends in 00 for what it spans.
export interface Unit { id: string; region: string }
export interface Taker { office: string; region: string }

export function within(code: string, region: string): boolean {
  if (region === '' || region === '100000') return true;
  let stem = region;
  while (stem.length > 2 && stem.endsWith('00')) stem = stem.slice(0, -2);
  return code.startsWith(stem);
}

export function mayTake(unit: Unit, aboutHead: boolean, taker: Taker): boolean {
  if (!within(unit.region, taker.region)) return false;
  return !aboutHead || (taker.office !== unit.id && taker.region !== unit.region);
}
