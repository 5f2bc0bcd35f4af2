import { describe, expect, it } from 'vitest';
import { fromBase64url, fromUtf8 } from '../base/bytes';
import type { Json } from '../base/json';
import { parseMoney } from '../base/money';
import { vectors } from '../base/vectors';
import { ServerClock, countdown, newer, type LotState } from '../live/stream';
import { type Bid, type Signed, bidBytes, checkPrice, least, signBid } from './bid';
import { makeKey, readBackup, restoreKey } from './key';
import { post, send } from './send';

const yuan = (text: string): bigint => parseMoney(text)!;
const bid: Bid = { origin: 'log.example/350122', lot: 'land-listing/350122-2026-000012', rule_sheet: 'ab'.repeat(32), plate: 15, counter: 7, price: yuan('220000000'), confirmed: false };

describe('a bid', () => {
  it('is signed over one form of bytes', () => {
    expect(fromUtf8(bidBytes(bid))).toBe(`landglass/bid/1\n{"counter":7,"lot":"land-listing/350122-2026-000012","origin":"log.example/350122","plate":15,"price":"220000000.00","rule_sheet":"${'ab'.repeat(32)}"}`);
    expect(fromUtf8(bidBytes({ ...bid, confirmed: true }))).toContain('{"confirmed":true,"counter":7,');
  });
  it('verifies under the public key it names, and no other price does', async () => {
    const { key } = await makeKey(bid.origin, bid.lot, 'correct horse battery', 1000);
    const signed = await signBid(bid, key);
    const open = await crypto.subtle.importKey('raw', fromBase64url(signed.sig.key)!, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    const verify = (b: Bid): Promise<boolean> => crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, open, fromBase64url(signed.sig.bytes)!, bidBytes(b));
    expect(fromBase64url(signed.sig.key)!.length).toBe(65);
    expect(await verify(bid)).toBe(true);
    expect(await verify({ ...bid, price: bid.price + 1n })).toBe(false);
    expect(await verify({ ...bid, lot: 'land-listing/x' })).toBe(false);
  });
});

describe('the guard', () => {
  const steps = { top: yuan('218000000'), start: yuan('180000000'), increment: yuan('2000000'), ceiling: null };
  it('takes the next step and a few more', () => {
    expect(least(steps)).toBe(yuan('220000000'));
    for (const price of ['220000000', '222000000', '258000000']) expect(checkPrice(yuan(price), steps).is).toBe('good');
  });
  it('says no below the least, off the steps and above the ceiling', () => {
    for (const price of ['218000000', '219000000', '221000000']) expect(checkPrice(yuan(price), steps).is).toBe('no');
    expect(checkPrice(yuan('222000000'), { ...steps, ceiling: yuan('220000000') }).is).toBe('no');
  });
  it('stops a slipped zero, and asks for more than twenty steps', () => {
    expect(checkPrice(yuan('2200000000'), steps).is).toBe('guard');
    expect(checkPrice(yuan('260000000'), steps).is).toBe('guard');
  });
  it('lets the start price itself stand before the first bid', () => {
    expect(checkPrice(yuan('180000000'), { ...steps, top: null }).is).toBe('good');
    expect(checkPrice(yuan('1800000000'), { ...steps, top: null }).is).toBe('guard');
  });
});

describe('the key of a lot', () => {
  it('comes back on another device with its passphrase, and signs as before', async () => {
    const { key, backup } = await makeKey(bid.origin, bid.lot, '口令口令口令口令口令口令', 1000);
    const read = readBackup(JSON.parse(JSON.stringify(backup)))!;
    const back = (await restoreKey(read, '口令口令口令口令口令口令'))!;
    expect(back.publicKey).toBe(key.publicKey);
    expect(back.privateKey.extractable).toBe(false);
    expect(key.privateKey.extractable).toBe(false);
  });
  it('opens the file of room-key.md with its passphrase alone', async () => {
    const backup = readBackup(vectors<Json>('room-key.md')[0]!)!;
    expect((await restoreKey(backup, '明鉴国土 practice lot'))?.publicKey).toBe(backup.key);
    expect(await restoreKey(backup, '明鉴国土 practice lot ')).toBeNull();
  });
  it('stays shut to another passphrase, and to a file with another lot or key', async () => {
    const { backup } = await makeKey(bid.origin, bid.lot, 'correct horse battery', 1000);
    const { backup: other } = await makeKey(bid.origin, bid.lot, 'correct horse battery', 1000);
    expect(await restoreKey(backup, 'correct horse batterz')).toBeNull();
    expect(await restoreKey({ ...backup, lot: 'land-listing/x' }, 'correct horse battery')).toBeNull();
    expect(await restoreKey({ ...backup, key: other.key }, 'correct horse battery')).toBeNull();
    expect(readBackup({ ...JSON.parse(JSON.stringify(backup)), format: 'x' })).toBeNull();
  });
});

describe('sending', () => {
  const signed = { lot: 'l', plate: 1, counter: 1, price: '1.00', rule_sheet: 'r', sig: { alg: 'es256', key: 'k', bytes: 'b' } } as Signed;
  it('sends the very same bid until it is answered', async () => {
    const bodies: string[] = [];
    const answers = [new Error('cable'), new Response('', { status: 503 }), new Response('{"index":5}', { status: 200 })];
    const fetcher = (async (_: string, init: RequestInit) => {
      bodies.push(init.body as string);
      const next = answers.shift()!;
      if (next instanceof Error) throw next;
      return next;
    }) as unknown as typeof fetch;
    expect(await send('/bids', signed, 'token', () => true, fetcher, async () => {})).toEqual({ is: 'taken', body: { index: 5 } });
    expect(new Set(bodies)).toEqual(new Set([JSON.stringify(signed)]));
    expect(bodies.length).toBe(3);
  });
  it('takes a refusal as an answer, with its law', async () => {
    (globalThis as { document?: unknown }).document = { documentElement: { lang: 'zh-CN' } };
    const body = { code: 'AU-12', say: { zh: '不足一个加价幅度', en: 'less than one step' }, law: '第39号令 第十七条', detail: 'a < b' };
    const fetcher = (async () => new Response(JSON.stringify(body), { status: 422 })) as unknown as typeof fetch;
    expect(await post('/bids', signed, undefined, fetcher)).toEqual({ is: 'refused', code: 'AU-12', say: '不足一个加价幅度', law: '第39号令 第十七条', detail: 'a < b' });
  });
});

describe("the server's clock", () => {
  it('is believed over ours, and late news does not set it back', () => {
    let now = Date.parse('2026-11-23T08:00:00.000Z');
    const clock = new ServerClock(() => now);
    clock.heard('2026-11-23T08:00:10.000Z');
    expect(clock.time() - now).toBe(10_000);
    now += 3_000;
    clock.heard('2026-11-23T08:00:11.000Z');  // was 2 s under way
    expect(clock.time() - now).toBe(10_000);
    expect(clock.left('2026-11-23T08:00:20.000Z')).toBe(7_000);
  });
  it('counts up to the last second and never below zero', () => {
    expect(countdown(288_000)).toBe('04:48');
    expect(countdown(1)).toBe('00:01');
    expect(countdown(0)).toBe('00:00');
    expect(countdown(3_600_000)).toBe('1:00:00');
  });
  it('an older state never overwrites a newer one', () => {
    const state = (size: number): LotState => ({ size }) as LotState;
    expect(newer(null, state(1))).toBe(true);
    expect(newer(state(5), state(4))).toBe(false);
    expect(newer(state(5), state(5))).toBe(true);
  });
});
