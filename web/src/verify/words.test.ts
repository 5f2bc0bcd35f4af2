import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Change } from './leaf';
import { type Words, actOf, fieldOf, fileOf, noWords, readWords, stateOf, titleOf, valueOf } from './words';

const digest = 'a'.repeat(64);
const words: Words = {
  files: { [digest]: { institution: 'household-line', title: ['分户补偿登记', "A household's line"],
    acts: { create: ['登记一户', 'Enter a household'], explain: ['说明原因，或者补充说明', 'Explain, or: Explain further'] },
    states: { entered: ['已登记待签约', 'Entered'], 'mortgage:none': ['无抵押', 'None'] },
    fields: { land_area: ['被征面积', 'Land taken', 'area'], total: ['合计', 'Total', 'money'], way: ['选择的安置途径', 'Way chosen', 'code', 'resettlement-ways'],
      risk: ['风险', 'Risk', 'code', { low: ['低', 'Low'] }] } } },
  tables: { 'resettlement-ways': { money: ['货币补偿', 'Money'] } },
};
const file = words.files[digest]!;
const change = (given: Partial<Change>): Change => ({ institution: 'household-line', file: digest, record: 'household-line/1', action: 'create', version: 1, state: 'entered',
  set: {}, commit: {}, due: {}, outcome: {}, holds: [], ...given });

beforeAll(() => vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } }));
afterAll(() => vi.unstubAllGlobals());

it('calls an act and a state as the file does that the leaf names by its digest', () => {
  expect(fileOf(words, change({}))).toBe(file);
  expect([titleOf(file).zh, actOf(file, 'create')?.zh, stateOf(file, 'entered')?.zh, stateOf(file, 'entered|mortgage:none')?.en]).toEqual(['分户补偿登记', '登记一户', '已登记待签约', 'Entered, None']);
});

it('has no words of another version, nor of a digest that is of another institution', () => {
  expect(fileOf(words, change({ file: '0'.repeat(64) }))).toBeNull();
  expect(fileOf(words, change({ institution: 'parcel' }))).toBeNull();
  expect(fileOf(words, change({ institution: 'constructor', file: 'constructor' }))).toBeNull();
  expect(fieldOf(null, 'total')).toBeNull();
});

it('says what waits for a second person and what a clock did, and nothing of what it does not know', () => {
  expect(actOf(file, 'create:concur')?.zh).toBe('登记一户（待会同）');
  expect(actOf(file, 'due:signing')?.zh).toBe('期限届满');
  expect([actOf(file, 'toString'), actOf(file, ''), stateOf(file, 'entered|no:such'), fieldOf(file, 'valueOf')]).toEqual([null, null, null, null]);
});

it('reads a value by the kind of its field, with its code beside it', () => {
  const value = (name: string, given: string | number | boolean | null): string => valueOf(words, file, name, given);
  expect([value('land_area', '12000.00'), value('total', '810000.00'), value('way', 'money'), value('way', 'shares'), value('risk', 'low'), value('members', 3), value('absent', false), value('total', null)])
    .toEqual(['12,000.00 平方米', '810,000.00 元', '货币补偿（money）', 'shares', '低（low）', '3', '否', '—']);
  expect(valueOf(words, null, 'total', '810000.00')).toBe('810000.00');
  expect([...valueOf(words, file, 'note', '字'.repeat(300))].length).toBe(201);
});

it('takes what are no words for none', () => {
  for (const one of [null, [], 'text', {}, { files: [] }, { files: {}, tables: null }]) expect(readWords(one)).toBe(noWords);
  expect(readWords(words)).toBe(words);
});
