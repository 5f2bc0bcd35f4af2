import { describe, expect, it } from 'vitest';
import { fromBase64url, fromUtf8 } from '../base/bytes';
import { parseMoney } from '../base/money';
import { vectors } from '../base/vectors';
import { signTender, tenderBytes } from './tender';

interface Vector { bytes: string; key: string; value: string }
const all = vectors<{ tenders: Vector[] }>('tender.md').at(-1)!.tenders;

describe('tender.md', () => {
  it.each(all.map((one) => [one.value.slice(0, 60), one] as const))('%s', async (_, { bytes, key, value }) => {
    const { sig, price, ...rest } = JSON.parse(value) as Record<string, string>;
    const tender = { ...(rest as unknown as { origin: string; lot: string; rule_sheet: string; plate: number; undertakings: string; volume: string | null }), price: parseMoney(price!)! };
    expect(fromUtf8(tenderBytes(tender))).toBe(bytes);
    const point = await crypto.subtle.importKey('raw', fromBase64url(key)!, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, point, fromBase64url(sig!)!, tenderBytes(tender))).toBe(true);
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const made = JSON.parse(await signTender(tender, pair.privateKey)) as Record<string, unknown>;
    expect({ ...made, sig }).toEqual(JSON.parse(value));
  });
});
