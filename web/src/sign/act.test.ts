import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../base/bytes';
import { vectors } from '../base/vectors';
import { makeKey } from '../room/key';
import { type Statement, actBytes, isOf, readStatement, signAct, verifyAct } from './act';

interface Vectors { acts: { name: string; statement: Statement; bytes: string; key: string; sig: string }[] }
const [given] = vectors<Vectors>('act.md');

describe('a signed act', () => {
  it('has the bytes and signatures of the document', async () => {
    for (const one of given!.acts) {
      expect(fromUtf8(actBytes(one.statement))).toBe(one.bytes);
      expect(await verifyAct({ statement: one.statement, key: one.key, bytes: one.sig })).toBe(true);
      expect(await verifyAct({ statement: { ...one.statement, post: 'post/other' }, key: one.key, bytes: one.sig })).toBe(false);
    }
  });
  it('is signed with the key of a post that a browser made', async () => {
    const { key } = await makeKey('log.example', 'post/mayor', 'correct horse battery', 1000);
    const act = await signAct(given!.acts[1]!.statement, {}, key);
    expect(await verifyAct(act)).toBe(true);
    expect(await verifyAct({ ...act, bytes: given!.acts[1]!.sig })).toBe(false);
  });
  it('is refused where it is not the act of the form', () => {
    const [made, done] = given!.acts.map((one) => readStatement(one.statement)!);
    expect(isOf(done!, '/act/grant-scheme/350124-2026-000001/approve', ['csrf', 'note'])).toBe(true);
    expect(isOf(done!, '/act/grant-scheme/350124-2026-000001/decide', ['note'])).toBe(false);
    expect(isOf(done!, '/act/grant-scheme/350124-2026-000002/approve', ['note'])).toBe(false);
    expect(isOf(done!, '/act/grant-scheme/350124-2026-000001/approve', ['csrf'])).toBe(false);
    expect(isOf(made!, '/new/land-listing', ['start_price', 'contact'])).toBe(true);
    expect(isOf(made!, '/new/grant-scheme', ['start_price', 'contact'])).toBe(false);
    expect(readStatement({ origin: 'x' })).toBeNull();
  });
});
