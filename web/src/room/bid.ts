// A bid: the bytes that are signed (docs/formats/bid.md), and the guard against a slipped zero. Pure.
import { type Bytes, base64url, utf8 } from '../base/bytes';
import { canonical } from '../base/json';
import { type Fen, moneyEn, moneySpelled, moneyText, moneyUpper, moneyZh } from '../base/money';
import type { Text } from '../base/page';

export interface Bid { origin: string; lot: string; rule_sheet: string; plate: number; counter: number; price: Fen; confirmed: boolean; other?: number }
export interface Signed { lot: string; plate: number; counter: number; price: string; confirmed?: true; rule_sheet: string; sig: { alg: 'es256'; key: string; bytes: string } }

export function bidBytes(bid: Bid): Bytes {
  const { origin, lot, rule_sheet, plate, counter, price, confirmed, other = 0 } = bid;
  return utf8(`landglass/bid/1\n${canonical({ counter, lot, origin, plate, price: moneyText(price), rule_sheet, ...(confirmed ? { confirmed } : {}), ...(other !== 0 ? { other } : {}) })}`);
}

export async function signBid(bid: Bid, key: { privateKey: CryptoKey; publicKey: string }): Promise<Signed> {
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, bidBytes(bid)));
  return { lot: bid.lot, plate: bid.plate, counter: bid.counter, price: moneyText(bid.price), ...(bid.confirmed ? { confirmed: true as const } : {}),
    rule_sheet: bid.rule_sheet, sig: { alg: 'es256', key: key.publicKey, bytes: base64url(signature) } };
}

// What the sheet asks of the next price. `top` is null before the first bid.
// `free`: a raise need not be a whole number of steps.
export interface Steps { top: Fen | null; start: Fen; increment: Fen; ceiling: Fen | null; free?: boolean }
export type Check = { is: 'good' } | { is: 'no'; why: Text } | { is: 'guard'; why: Text };

export const least = (steps: Steps): Fen => (steps.top === null ? steps.start : steps.top + steps.increment);

// The server decides; this only spares a refused trip, and stops the finger that typed one zero too many: more than half
// above the standing price, or more than twenty steps, must be typed a second time.
export function checkPrice(price: Fen, steps: Steps): Check {
  const base = steps.top ?? steps.start;
  const lowest = least(steps);
  if (price < lowest && price !== steps.ceiling) return { is: 'no', why: { zh: `至少 ${moneyZh(lowest)}`, en: `at least ${moneyEn(lowest)}` } };
  if (steps.ceiling !== null && price > steps.ceiling) return { is: 'no', why: { zh: `超过最高限价 ${moneyZh(steps.ceiling)}`, en: `above the ceiling of ${moneyEn(steps.ceiling)}` } };
  if (!steps.free && price !== steps.ceiling && (price - base) % steps.increment !== 0n) {
    const below = base + (price - base) / steps.increment * steps.increment;
    return { is: 'no', why: { zh: `不是加价幅度的整数倍：最近的是 ${moneyZh(below)} 和 ${moneyZh(below + steps.increment)}`, en: `no whole number of steps: the nearest are ${moneyEn(below)} and ${moneyEn(below + steps.increment)}` } };
  }
  const count = (price - base) / steps.increment;
  if (price * 2n > base * 3n || count > 20n) {
    const percent = (price - base) * 100n / base;
    return { is: 'guard', why: { zh: `比当前价高 ${moneyZh(price - base)}（${percent} %，${count} 个加价幅度）：${moneyUpper(price)}`, en: `${moneyEn(price - base)} (${percent} %, ${count} steps) above the standing price: ${moneySpelled(price)}` } };
  }
  return { is: 'good' };
}
