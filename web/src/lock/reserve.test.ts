import { describe, expect, it } from 'vitest';
import { base64url } from '../base/bytes';
import { openerFrom, peel, unlocked } from './locked';
import { lockReserve, readKeys, readReserve, reserveCommitment } from './reserve';

describe('a reserve', () => {
  it('comes out of its locked document to two of three openers, and is what was committed', async () => {
    const openers = await Promise.all([1, 2, 3].map((n) => openerFrom(new Uint8Array(32).fill(n))));
    const { document, commitment } = await lockReserve(1_200_000_000n, 2, readKeys(openers.map((one) => base64url(one.publicKey)).join('\n'))!);
    expect(JSON.stringify(document)).not.toContain('12000000');
    const inOrder = (document['openers'] as string[]).map((key) => openers.find((one) => base64url(one.publicKey) === key)!);
    const first = await peel(document, inOrder[0]!);
    expect(await unlocked(first)).toBeNull();
    const found = await unlocked(await peel(first, inOrder[2]!));
    const reserve = readReserve(found!.value)!;
    expect(reserve.price).toBe('12000000.00');
    expect(await reserveCommitment(reserve)).toBe(commitment);
  });
  it('has the commitment that the scenarios of land-listing open', async () => {
    const salt = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
    expect(await reserveCommitment({ price: '12000000.00', salt })).toBe('53f648b914586c4e2c72a33acb63a21c98efea74c66c39100c9a75ed2b670f57');
  });
  it('asks for keys that read', () => {
    expect(readKeys('abc')).toBeNull();
    expect(readKeys(' \n')).toEqual([]);
  });
});
