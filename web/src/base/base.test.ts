import { describe, expect, it } from 'vitest';
import { base64url, fromBase64, fromBase64url, fromHex, utf8 } from './bytes';
import { Refused, canonical, parseJson } from './json';
import { moneyEn, moneyGrouped, moneySpelled, moneyText, moneyUpper, moneyZh, parseMoney, readTyped } from './money';
import { readText } from './vectors';

const code = (run: () => unknown): string => {
  try { run(); } catch (trouble) { return (trouble as Refused).code; }
  return 'taken';
};

describe('money', () => {
  it('is spelled in English as the C++ tests say', () => {
    const source = readText('src/web/amounts_test.cpp');
    const cases = [...source.matchAll(/Case\{([-0-9']+),\s*"([^"]+)",\s*"([^"]+)"\}/g)];
    expect(cases.length).toBeGreaterThanOrEqual(5);
    for (const [, fen, upper, english] of cases) {
      expect(moneySpelled(BigInt(fen!.replaceAll("'", '')))).toBe(english);
      expect(moneyUpper(BigInt(fen!.replaceAll("'", '')))).toBe(upper);
    }
    expect(moneyEn(1_080_000_000n)).toBe('10,800,000 yuan');
    expect(moneyEn(99_950n)).toBe('999.50 yuan');
  });
  it('is spelled in capitals as the C++ tests say', () => {
    // Read out of the test of src/base, so that the two cannot part.
    const source = readText('src/base/base_test.cpp');
    const cases = [...source.matchAll(/money_upper\(\{([0-9']+)\}\), "([^"]+)"/g)];
    expect(cases.length).toBeGreaterThanOrEqual(11);
    for (const [, fen, upper] of cases) expect(moneyUpper(BigInt(fen!.replaceAll("'", '')))).toBe(upper);
  });
  it('goes on past what the C++ tests name', () => {
    expect(moneyUpper(123_456_789_01n)).toBe('人民币壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分');
    expect(moneyUpper(1_000_000_000_000_00n)).toBe('人民币壹万亿元整');
    expect(moneyUpper(100_010_000_00n)).toBe('人民币壹亿零壹万元整');
  });
  it('reads only one spelling, and what a person types', () => {
    expect(parseMoney('1800000.5')).toBe(180000050n);
    for (const wrong of ['1.005', '01', '', '1e3', '1,000', '.5']) expect(parseMoney(wrong)).toBeNull();
    expect(readTyped('２，１８０ 万元')).toBe(2_180_000_000n);
    expect(readTyped('1.5亿')).toBe(15_000_000_000n);
    expect(readTyped('218,000,000')).toBe(21_800_000_000n);
    expect(readTyped('万')).toBeNull();
  });
  it('is written as the server writes it', () => {
    expect(moneyText(-5n)).toBe('-0.05');
    expect(moneyZh(180000000n)).toBe('180 万元');
    expect(moneyZh(180000050n)).toBe('1,800,000.50 元');
    expect(moneyGrouped(21_800_000_000n)).toBe('218,000,000.00');
  });
});

describe('json', () => {
  it('keeps an object in the order of UTF-16', () => {
    expect(canonical(parseJson('{"\\ud83d\\ude00":1,"\\ufb33":2,"b":3,"a":4}', 'any'))).toBe('{"a":4,"b":3,"\u{1F600}":1,"\uFB33":2}');
  });
  it('refuses what the server refuses, by the same codes', () => {
    expect(code(() => parseJson('{"price":1,"price":2}'))).toBe('JSON-02');
    expect(code(() => parseJson('{"__proto__":1,"__proto__":2}'))).toBe('JSON-02');
    expect(code(() => parseJson('1.5'))).toBe('JSON-03');
    expect(code(() => parseJson('9007199254740992'))).toBe('JSON-03');
    expect(code(() => parseJson('"e\\u0301"'))).toBe('JSON-04');
    expect(code(() => parseJson('['.repeat(70) + ']'.repeat(70)))).toBe('JSON-05');
    for (const wrong of ['{} x', '"\\ud800"', '01', '[1,]', '{"a"}', '\u00a01', '"\t"']) expect(code(() => parseJson(wrong))).toBe('JSON-01');
    expect(parseJson('9007199254740991')).toBe(9007199254740991);
  });
});

describe('bytes', () => {
  it('refuse a second spelling', () => {
    for (const text of ['', 'f', 'fo', 'foo', 'foob']) expect(fromBase64url(base64url(utf8(text)))).toEqual(utf8(text));
    expect(fromBase64('Zh==')).toBeNull();
    expect(fromBase64('Zg=')).toBeNull();
    expect(fromHex('AB')).toBeNull();
  });
});
