import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { labelOf, shown, states, uses } from './labels';

it('names every use that the pack knows, in its words', () => {
  const table = readFileSync('../packs/cn-land/codes/land-uses.yaml', 'utf8');
  const known = [...table.matchAll(/^ {2}([a-z]+): \{zh: (.+?), en: (.+?)\}/gm)].map(([, key, zh, en]) => [key, { zh, en }]);
  expect(known.length).toBeGreaterThan(10);
  expect(uses).toEqual(Object.fromEntries(known));
});

it('names every state of a certificate as the pack does', () => {
  const file = readFileSync('../packs/cn-land/land/land-certificate.yaml', 'utf8');
  const main = file.slice(file.indexOf('\nstates:'));
  const known = [...main.matchAll(/^ {2}([a-z_]+):(?:\n {4}| \{)title: \{zh: (.+?), en: (.+?)\}/gm)].map(([, key, zh, en]) => [key, { zh, en }]);
  expect(states).toEqual(Object.fromEntries(known));
});

it('says an identifier as what it is, without the name of its register', () => {
  vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } });
  expect(shown([['holder', 'party/0123456789abcdef01234567'], ['contract', 'grant-contract/350124-2026-000001'], ['holder_name', '梅溪房地产有限公司']]))
    .toEqual([['权利人', '梅溪房地产有限公司'], ['登记簿中的权利人标识', '0123 4567 89ab cdef 0123 4567'], ['出让合同编号', '350124-2026-000001']]);
  vi.unstubAllGlobals();
});

it('calls a field by its words, by whichever path it is opened, and leaves what it does not know', () => {
  expect(labelOf('effects/0/holder_name').zh).toBe('权利人');
  expect(labelOf('no_such').en).toBe('no_such');
});
