// The ladder of a sale (docs/formats/auction.md), written from the document alone: the browser's second opinion. An event is
// judged by when things were due, never by whether a tick had run. A refused event leaves the ladder as it was.
import { equal, fromHex, hex, utf8 } from '../base/bytes';
import { type Json, type JsonObject, Refused, canonical } from '../base/json';
import { type Fen, moneyText } from '../base/money';
import { draw, saltHash } from './draw';
import { type Row, type Sheet, fen, instant, readRows, stepAt } from './sheet';

export type Phase = 'waiting' | 'listing' | 'inquiry' | 'prep' | 'timed' | 'ceiling' | 'frozen' | 'calling' | 'drawing' | 'opening' | 'sold' | 'failed' | 'withdrawn';
export interface Step { phase: Phase; at: string }
interface Frozen { was: Phase; since: number; reason: string | null; until: number | null; extra: number }
interface State {
  phase: Phase; time: number; alive: number; opens: number; closes: number | null; due: number | null; rows: Row[]; top: Fen | null; other: number; leader: number;
  offered: Map<number, number>;   // plate → time of its last offer
  counters: Map<number, number>; inListing: Set<number>; wishes: Set<number>; joined: Set<number>; calls: number; called: number;
  frozen: Frozen | null; reason: string | null; winner: number | null; commitment: string | null; paused: boolean;
}

const closed: Phase[] = ['sold', 'failed', 'withdrawn'];
const iso = (ms: number): string => new Date(ms).toISOString();
const no = (code: string, where = ''): never => { throw new Refused(code, where); };

export class Ladder {
  private state: State;
  private steps: Step[] = [];
  constructor(private readonly sheet: Sheet) {
    this.state = { phase: 'waiting', time: -Infinity, alive: -Infinity, opens: sheet.opens, closes: sheet.closes, due: null, rows: sheet.increments, top: null, other: 0, leader: 0, offered: new Map(),
      counters: new Map(), inListing: new Set(), wishes: new Set(), joined: new Set(), calls: 0, called: sheet.opens, frozen: null, reason: null, winner: null,
      commitment: sheet.reserve?.commitment ?? null, paused: false };
  }

  // Throws Refused with the code of the law; else the changes of phase that the event found due or caused.
  async apply(at: string, action: string, event: JsonObject): Promise<Step[]> {
    const before = structuredClone(this.state);
    this.steps = [];
    try {
      const now = instant(at, 'at');
      if (now < this.state.time) no('AU-10');
      this.advance(now);
      await this.act(action, event, now);
      this.state.time = this.state.alive = now;
      return this.steps;
    } catch (trouble) {
      this.state = before;
      throw trouble;
    }
  }

  head(): JsonObject {
    const s = this.state;
    const open = !closed.includes(s.phase) && !['drawing', 'opening'].includes(s.phase);
    const due = this.nextDue();
    return { phase: s.phase, top: s.top === null ? null : moneyText(s.top), due: due === null ? null : iso(due), ...(s.closes === null ? {} : { closes: iso(s.closes) }),
      ...(open ? { least: moneyText(this.least(s.time)) } : {}), ...(s.other !== 0 ? { other: s.other } : {}), ...(this.capped() ? { capped: true } : {}),
      ...(s.phase === 'calling' ? { calls: s.calls } : {}), ...(s.frozen ? { frozen: s.frozen.was } : {}), ...(s.reason === null ? {} : { reason: s.reason }), ...(s.winner === null ? {} : { winner: s.winner }) };
  }

  private capped(): boolean {
    const { ceiling } = this.sheet;
    return ceiling !== null && this.state.top !== null && this.state.top >= ceiling.price;
  }
  private least(now: number): Fen {
    const { top, rows } = this.state;
    const { ceiling, start_price } = this.sheet;
    if (top === null) return start_price;
    const next = top + stepAt(rows, top, now);
    return ceiling && ceiling.mode !== 'notify_only' && next > ceiling.price ? ceiling.price : next;
  }
  private to(phase: Phase, at: number, due: number | null = null): void {
    this.state.phase = phase;
    this.state.due = due;
    this.state.alive = at;
    this.steps.push({ phase, at: iso(at) });
  }

  private nextDue(): number | null {
    const s = this.state;
    if (s.phase === 'waiting') return this.sheet.mode === 'listing' ? s.opens : null;
    if (s.phase === 'frozen') return s.frozen!.until;
    if (s.phase !== 'listing') return s.due;
    return s.closes;
  }
  private triggered(): boolean {
    const { timed } = this.sheet;
    if (!timed) return false;
    const from = timed.trigger_last_ms === 0 ? -Infinity : this.state.closes! - timed.trigger_last_ms;
    return [...this.state.offered.values()].filter((time) => time >= from).length >= timed.trigger_bidders;
  }
  private timedFrom(at: number): void {
    const timed = this.sheet.timed!;
    if (timed.prep_ms > 0) this.to('prep', at, at + timed.prep_ms);
    else this.to('timed', at, at + timed.window_ms);
  }
  private conclude(at: number): void {
    const s = this.state;
    if (s.top === null) { s.reason = 'no_offer'; this.to('failed', at); return; }
    if (this.sheet.mode !== 'english' && s.counters.size < this.sheet.min_bidders) { s.reason = 'too_few_bidders'; this.to('failed', at); return; }
    if (s.commitment !== null) { this.to('opening', at); return; }
    this.sell(at);
  }
  private sell(at: number): void {
    this.state.winner = this.state.leader;
    this.to('sold', at);
  }

  private advance(now: number): void {
    const { timed, silence } = this.sheet;
    for (;;) {
      const s = this.state;
      if (s.phase === 'timed' && silence.max_gap_ms > 0 && now - s.alive > silence.max_gap_ms) {
        this.freeze(s.alive, 'outage');
        continue;
      }
      if (s.phase === 'listing' && timed && timed.pause_ms > 0 && !s.paused && s.closes! - timed.pause_ms <= now) {
        const at = s.closes! - timed.pause_ms;
        s.paused = true;
        if (this.triggered()) { this.to('prep', at, Math.max(s.closes!, at + timed.prep_ms)); continue; }
      }
      const at = this.nextDue();
      if (at === null || at > now) return;
      if (s.phase === 'waiting') this.to('listing', at);
      else if (s.phase === 'frozen') this.thaw(at);
      else if (s.phase === 'prep') this.to('timed', at, at + timed!.window_ms);
      else if (s.phase === 'inquiry') {
        const others = [...s.wishes].filter((plate) => plate !== s.leader).length;
        s.wishes.add(s.leader);  // whoever leads at the end of the inquiry may go on, also after he is overtaken
        if (others >= timed!.inquiry_wishes) this.timedFrom(at);
        else this.conclude(at);
      } else if (s.phase === 'ceiling') {
        if (s.joined.size >= 2) this.to('drawing', at);
        else this.conclude(at);
      } else if (s.phase === 'listing' && s.top !== null && this.triggered()) {
        if (timed!.inquiry_ms > 0) this.to('inquiry', at, at + timed!.inquiry_ms);
        else this.timedFrom(at);
      } else this.conclude(at);
    }
  }

  private freeze(at: number, reason: string | null): void {
    const s = this.state;
    s.frozen = { was: s.phase, since: at, reason, until: null, extra: 0 };
    s.reason = reason;
    const due = s.due;
    this.to('frozen', at);
    s.due = due;  // what was due when it froze, of which the rest remains
  }
  private thaw(at: number): void {
    const s = this.state;
    const { was, since, extra } = s.frozen!;
    const { freeze, timed } = this.sheet;
    const rest = s.due === null ? 0 : s.due - since;
    s.frozen = null;
    s.reason = null;
    if (was === 'waiting' || was === 'listing') {
      const lost = Math.max(0, at - Math.max(since, s.opens));
      if (s.closes !== null) {
        const old = s.closes;
        s.closes = old + lost + extra;
        if (since >= old - freeze.last_ms) s.closes = Math.min(s.closes, at + freeze.last_cap_ms);
      }
      if (was === 'waiting') s.opens = Math.max(s.opens, at);
      for (const [plate, time] of s.offered) s.offered.set(plate, time + lost);
      this.to(was, at);
    } else if (was === 'calling') {
      s.calls = 0;
      s.called = at;
      this.to('calling', at);
    } else if (was === 'drawing' || was === 'opening') {
      this.to(was, at);
    } else if (freeze.restart_prep && was === 'inquiry') {
      s.wishes = new Set();
      this.to('inquiry', at, at + timed!.inquiry_ms);
    } else if (freeze.restart_prep && was !== 'ceiling') {
      this.timedFrom(at);
    } else {
      this.to(was, at, at + rest + extra);
    }
  }

  private async act(action: string, event: JsonObject, now: number): Promise<void> {
    const s = this.state;
    const { sheet } = this;
    const only = (...phases: Phase[]): void => { if (!phases.includes(s.phase)) no('AU-22', s.phase); };
    switch (action) {
      case 'offer': this.offer(event, now); return;
      case 'tick': return;
      case 'wish': only('inquiry'); s.wishes.add(Number(event['plate'])); return;
      case 'begin':
        if (sheet.mode !== 'english' || s.phase !== 'waiting' || now < s.opens) no('AU-22', s.phase);
        if (Number(event['bidders']) < sheet.min_bidders) { s.reason = 'too_few_bidders'; this.to('failed', now); return; }
        s.calls = 0;
        s.called = now;
        this.to('calling', now);
        return;
      case 'call':
        only('calling');
        if (event['n'] !== s.calls + 1 || s.calls >= sheet.calls!.count) no('AU-23');
        if (now - s.called < sheet.calls!.gap_ms) no('AU-24');
        s.calls += 1;
        s.called = now;
        return;
      case 'fall':
        only('calling');
        if (s.calls < sheet.calls!.count) no('AU-23');
        this.conclude(now);
        return;
      case 'adjust': only('waiting', 'listing', 'calling'); s.rows = readRows(event['increments']); return;
      case 'freeze':
        if (closed.includes(s.phase)) no('AU-22', s.phase);
        if (s.phase !== 'frozen') this.freeze(now, null);
        else if (s.frozen!.until === null) no('AU-22', s.phase);
        else s.frozen!.until = null;
        return;
      case 'resume': {
        if (s.phase !== 'frozen' || s.frozen!.until !== null) no('AU-22', s.phase);
        const until = instant(event['until'], 'until');
        const long = now - s.frozen!.since > sheet.freeze.short_ms;
        if (until < now || (long && until < now + sheet.freeze.notice_ms)) no('AU-26');
        s.frozen!.until = until;
        s.frozen!.extra = Number(event['extra_ms'] ?? 0);
        this.advance(now);
        return;
      }
      case 'withdraw': if (closed.includes(s.phase)) no('AU-22', s.phase); s.frozen = null; s.reason = null; this.to('withdrawn', now); return;
      case 'commit_reserve': {
        const { reserve } = sheet;
        if (s.phase !== 'listing' || !reserve || s.commitment !== null || (reserve.within_ms > 0 && now < s.closes! - reserve.within_ms)) no('AU-27');
        s.commitment = event['commitment'] as string;
        return;
      }
      case 'open_reserve': {
        only('opening');
        const price = fen(event['price'], 'price');
        const key = await crypto.subtle.importKey('raw', fromHex(event['salt'] as string)!, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
        const found = hex(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(canonical(['landglass/reserve/1', moneyText(price)] as Json)))));
        if (found !== s.commitment) no('AU-25');
        if (s.top! >= price) this.sell(now);
        else { s.reason = 'below_reserve'; this.to('failed', now); }
        return;
      }
      case 'draw': {
        only('drawing');
        const salt = fromHex(event['salt'] as string)!;
        if (!equal(await saltHash(salt), fromHex(sheet.ceiling!.salt_hash!)!)) no('AU-28');
        const plates = [...s.joined].sort((a, b) => a - b);
        s.leader = plates[(await draw(fromHex(event['root'] as string)!, salt, 1, plates.length))[0]!]!;
        this.conclude(now);
        return;
      }
      default: no('AU-04', action);
    }
  }

  private offer(event: JsonObject, now: number): void {
    const s = this.state;
    const { sheet } = this;
    const { ceiling, timed, guard } = sheet;
    const [plate, counter, other] = [Number(event['plate']), Number(event['counter']), Number(event['other'] ?? 0)];
    const price = fen(event['price'], 'price');
    if (!(plate >= 1) || !(counter >= 1) || price <= 0n) no('AU-29');
    if (counter <= (s.counters.get(plate) ?? 0)) no('AU-16');
    if (s.phase === 'ceiling') {
      if (price !== ceiling!.price || other !== s.other) no('AU-17');
      if (s.joined.has(plate)) no('AU-16');
      s.joined.add(plate);
      s.counters.set(plate, counter);
      return;
    }
    if (!['listing', 'timed', 'calling'].includes(s.phase)) no('AU-11', s.phase);
    if (s.phase === 'timed' && timed!.join !== 'qualified' && plate !== s.leader
      && !(timed!.join === 'offered' ? s.inListing.has(plate) : s.wishes.has(plate))) no('AU-20');
    if (!sheet.own_raise && plate === s.leader) no('AU-15');
    if (guard.max_price !== null && price > guard.max_price) no('AU-18');
    const bounded = ceiling !== null && ceiling.mode !== 'notify_only';
    if (bounded && price > ceiling.price) no('AU-17');
    const contest = ceiling?.mode === 'compete_other' && s.top === ceiling.price;
    if (contest && price === ceiling.price && ceiling.other) {
      const { start, step, max } = ceiling.other;
      if (other < (s.other === 0 ? start : s.other + step) || (max > 0 && other > max)) no('AU-21');
    } else {
      if (other !== 0) no('AU-21');
      const base = s.top ?? sheet.start_price;
      const step = stepAt(s.rows, base, now);
      const atCeiling = bounded && price === ceiling.price && s.top !== ceiling.price;
      if (s.top === null ? price < sheet.start_price : false) no('AU-12');
      if (s.top !== null && (price <= s.top || (!atCeiling && price < s.top + step))) no('AU-13');
      if (sheet.multiple && !atCeiling && (price - base) % step !== 0n) no('AU-14');
      if (guard.factor > 0 && price > base * BigInt(guard.factor) && event['confirmed'] !== true) no('AU-19');
    }
    s.top = price;
    s.other = other;
    s.leader = plate;
    s.counters.set(plate, counter);
    s.offered.set(plate, now);
    if (s.phase === 'listing') s.inListing.add(plate);
    if (s.phase === 'calling') { s.calls = 0; s.called = now; }
    const ends = bounded && price === ceiling.price && (ceiling.mode === 'stop_and_lot' || (ceiling.other !== null && ceiling.other.max > 0 && other >= ceiling.other.max));
    if (ends) {
      s.joined = new Set([plate]);
      const until = now + ceiling.join_ms;
      this.to('ceiling', now, s.phase === 'listing' ? Math.max(until, s.closes!) : until);
    } else if (s.phase === 'timed' && s.due! - now <= timed!.restart_within_ms) {
      s.due = now + timed!.window_ms;
    }
  }
}
