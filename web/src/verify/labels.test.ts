import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labelOf, uses } from './labels';

it('names every use that the pack knows, in its words', () => {
  const table = readFileSync('../packs/cn-land/codes/land-uses.yaml', 'utf8');
  const known = [...table.matchAll(/^ {2}([a-z]+): \{zh: (.+?), en: (.+?)\}/gm)].map(([, key, zh, en]) => [key, { zh, en }]);
  expect(known.length).toBeGreaterThan(10);
  expect(uses).toEqual(Object.fromEntries(known));
});

it('calls a field by its words, by whichever path it is opened, and leaves what it does not know', () => {
  expect(labelOf('effects/0/holder_name').zh).toBe('权利人');
  expect(labelOf('no_such').en).toBe('no_such');
});
