import { describe, expect, it } from 'vitest';
import { parseJson } from '../base/json';
import { readText } from '../base/vectors';
import { Checks } from './checks';

// The example of page-model.md, and the refusal that the server gives for it.
const example = [...readText('docs/formats/page-model.md').matchAll(/^```json\n(\{"checks"[\s\S]*?)^```$/gm)][0]![1]!;
const checks = Checks.read(parseJson(example))!;
const asked = new Set(['deposit']);

describe('the checks of a form', () => {
  it('say what the server would say, with both sides of the figure', () => {
    const [unmet, ...more] = checks.unmet({ deposit: '1800000.00' }, asked, 0);
    expect(more).toEqual([]);
    expect(unmet).toMatchObject({ code: 'GS-10', at: 'deposit', warn: false, law: '国土资发〔2010〕34号 第4条' });
    expect(unmet!.detail).toEqual({ zh: '保证金 1,800,000.00 元 < 20% × 10,000,000.00 元', en: 'Deposit 1,800,000.00 yuan < 20% × 10,000,000.00 yuan' });
  });
  it('are silent where they hold, and before anything was typed', () => {
    expect(checks.unmet({ deposit: '2000000.00' }, asked, 0)).toEqual([]);
    expect(checks.unmet({}, asked, 0, true)).toEqual([]);
    expect(checks.unmet({}, asked, 0)).toHaveLength(1);
  });
  it('choose the number of the region and the case', () => {
    const read = Checks.read(parseJson(JSON.stringify({ checks: [{ at: 'deposit', code: 'X-1', say: { zh: '低', en: 'low' }, that: 'deposit >= share * 100元' }], labels: {}, now: '2026-11-23T08:00:00.000Z',
      parameters: { share: [{ value: '20%' }, { value: '50%', region: '33' }, { value: '10%', when: 'use == \'industrial\'' }] }, types: { deposit: 'money', share: 'ratio', use: 'text' }, values: {} })))!;
    const least = (given: Record<string, string>): boolean => read.unmet({ deposit: '30.00', ...given }, new Set(['deposit', 'use']), 0).length === 0;
    expect(least({})).toBe(true);
    expect(least({ region: '330100' })).toBe(false);
    expect(least({ use: 'industrial', deposit: '10.00' })).toBe(true);
  });
  it('leave to the server what the page cannot read', () => {
    expect(Checks.read(parseJson(JSON.stringify({ checks: [{ at: 'a', code: 'X', say: { zh: '', en: '' }, that: 'within(a, b)' }], labels: {}, now: '2026-11-23T08:00:00.000Z', types: { a: 'text' } })))!.unmet({ a: 'x' }, new Set(['a']), 0)).toEqual([]);
    expect(Checks.read(null)).toBeNull();
  });
});
