// The stream of one lot (docs/formats/page-model.md, Live): each event is the whole state, so a reader that lost some is
// whole again with the next. The server's clock is the clock: its offset is kept from what `server_time` says.
import type { Text } from '../base/page';

export interface Rung { count: number; index?: number; leading?: boolean; mine?: boolean; plate?: string; price: string; time: string }
export interface LotState { lot: string; phase: { id: string } & Text; price: string; price_label: Text; ends: string | null; ends_label: Text; frozen: Text | null;
  ladder: Rung[]; server_time: string; size: number; increment?: string; calls?: number }

// The smallest delay seen is nearest to the truth: an event can be late, it cannot be early. The bound is forgotten slowly,
// so that a clock that drifts or is set is followed.
export class ServerClock {
  private offset: number | null = null;
  private at = 0;
  constructor(private readonly now: () => number = Date.now) {}
  heard(serverTime: string): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    const seen = server - this.now();
    if (this.offset === null || seen > this.offset || this.now() - this.at > 60_000) {
      this.offset = seen;
      this.at = this.now();
    }
  }
  time(): number { return this.now() + (this.offset ?? 0); }
  left(ends: string): number { return Math.max(0, Date.parse(ends) - this.time()); }
}

export function countdown(ms: number): string {
  const total = Math.ceil(ms / 1000);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number): string => n.toString().padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

// An older state never overwrites a newer one, whatever order the network gives them.
export const newer = (before: LotState | null, state: LotState): boolean => before === null || state.size >= before.size;

const isState = (value: unknown): value is LotState =>
  typeof value === 'object' && value !== null && 'ladder' in value && Array.isArray(value.ladder) && 'price' in value && 'phase' in value;

export interface Follower { close(): void }

export function follow(address: string, clock: ServerClock, seen: (state: LotState) => void, online: (yes: boolean) => void): Follower {
  let source: EventSource | null = null;
  let last: LotState | null = null;
  let heard = 0;
  let retry = 500;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  const open = (): void => {
    if (closed) return;
    source?.close();
    source = new EventSource(address);
    heard = Date.now();
    source.addEventListener('state', (event) => {
      heard = Date.now();
      retry = 500;
      let state: unknown;
      try { state = JSON.parse((event as MessageEvent<string>).data); } catch { return; }
      if (!isState(state)) return;
      clock.heard(state.server_time);
      online(true);
      if (newer(last, state)) { last = state; seen(state); }
    });
    source.addEventListener('open', () => { heard = Date.now(); });
    source.addEventListener('error', () => {
      online(false);
      // The browser retries a broken stream itself; one that was refused stays closed, and is asked for again here.
      if (source?.readyState !== EventSource.CLOSED || closed) return;
      clearTimeout(timer);
      timer = setTimeout(open, retry);
      retry = Math.min(retry * 2, 10_000);
    });
  };
  // A cable that was pulled says nothing: 20 s without a word, and the stream is opened anew.
  const watch = setInterval(() => { if (Date.now() - heard > 20_000) { online(false); open(); } }, 5_000);
  const wake = (): void => { if (document.visibilityState === 'visible') open(); };
  addEventListener('online', open);
  document.addEventListener('visibilitychange', wake);
  open();
  return { close() {
    closed = true;
    source?.close();
    clearInterval(watch);
    clearTimeout(timer);
    removeEventListener('online', open);
    document.removeEventListener('visibilitychange', wake);
  } };
}
