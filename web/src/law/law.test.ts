import { describe, expect, it } from 'vitest';
import { fromHex, fromUtf8, hex, sha256, utf8, fromBase64url } from '../base/bytes';
import { type Json, type JsonObject, Refused, canonical } from '../base/json';
import { parseMoney } from '../base/money';
import { vectors } from '../base/vectors';
import { bidBytes } from '../room/bid';
import { draw, saltHash } from './draw';
import { Ladder } from './ladder';
import { readSheet } from './sheet';

interface Case { name: string; sheet: string; with?: JsonObject; events: (JsonObject & { at: string; do: string; is?: JsonObject; refused?: string; steps?: Json })[] }
const blocks = vectors<JsonObject>('auction.md');
const part = <T>(name: string): T => blocks.find((block) => name in block)![name] as unknown as T;
const sheets = part<Record<string, JsonObject>>('sheets');

describe('auction.md: the ladder', () => {
  it.each(part<Case[]>('cases').map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const ladder = new Ladder(readSheet({ ...sheets[one.sheet]!, ...one.with } as JsonObject));
    for (const { at, do: action, is, refused, steps, ...event } of one.events) {
      const before = canonical(ladder.head());
      let code = 'taken';
      let made: Json = null;
      try {
        made = await ladder.apply(at, action, event) as unknown as Json;
      } catch (trouble) {
        if (!(trouble instanceof Refused)) throw trouble;
        code = trouble.code;
      }
      expect(code, `${at} ${action}`).toBe(refused ?? 'taken');
      if (refused) expect(canonical(ladder.head())).toBe(before);
      if (is) expect(ladder.head(), `${at} ${action}`).toMatchObject(is);
      if (steps) expect(made).toEqual(steps);
    }
  });
});

describe('auction.md: the draw', () => {
  it.each(part<{ root: string; salt: string; salt_hash: string; seed: string; count: number; of: number; drawn: number[] }[]>('draws').map((one) => [`${one.count} of ${one.of}`, one] as const))('%s', async (_, one) => {
    expect(hex(await saltHash(fromHex(one.salt)!))).toBe(one.salt_hash);
    expect(await draw(fromHex(one.root)!, fromHex(one.salt)!, one.count, one.of)).toEqual(one.drawn);
  });
});

describe('rule-sheet.md and bid.md', () => {
  it('a sheet has the hash that the announcement carries', async () => {
    for (const rule of vectors<{ rules: { name: string; sheet: Json; hash?: string }[] }>('rule-sheet.md')[0]!.rules)
      if (rule.hash) expect(hex(await sha256(utf8(canonical(rule.sheet)))), rule.name).toBe(rule.hash);
  });
  it('a bid is signed over the bytes of the document, and its signature verifies under its key alone', async () => {
    interface Vector { name: string; bid: { origin: string; lot: string; rule_sheet: string; plate: number; counter: number; price: string; other?: number; confirmed?: boolean }; bytes: string; key: string; sig: string }
    const all = vectors<{ bids: Vector[] }>('bid.md')[0]!.bids;
    for (const { bid, bytes, key, sig, name } of all) {
      const made = bidBytes({ ...bid, price: parseMoney(bid.price)!, confirmed: bid.confirmed ?? false });
      expect(fromUtf8(made), name).toBe(bytes);
      const open = await crypto.subtle.importKey('raw', fromBase64url(key)!, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
      for (const other of all)
        expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, open, fromBase64url(sig)!, utf8(other.bytes)), `${name} / ${other.name}`).toBe(other.name === name);
    }
  });
});
