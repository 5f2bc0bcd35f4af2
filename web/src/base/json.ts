// JSON as the log knows it: RFC 8785 out, strict RFC 8259 in (duplicate keys, broken text and depth past 64 are refused).
// The codes are those of src/base/json.hpp. `JSON.parse` keeps the last of two equal keys silently, so it is not used.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export class Refused extends Error {
  constructor(readonly code: string, readonly where: string) {
    super(`${code} ${where}`);
  }
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function canonical(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Refused('JSON-03', 'not a number of JSON');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // The default sort of text is by UTF-16 code units, as RFC 8785 wants.
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`).join(',')}}`;
}

// `leaf`: integers within 2^53 and NFC text only.
export function parseJson(text: string, profile: 'any' | 'leaf' = 'leaf'): Json {
  let at = 0;
  const fail = (code: string, where = `${at}`): never => { throw new Refused(code, where); };
  const space = (): void => { while (/[ \t\n\r]/.test(text[at] ?? '')) at += 1; };
  const literal = (word: string, value: Json): Json => {
    if (!text.startsWith(word, at)) fail('JSON-01');
    at += word.length;
    return value;
  };
  const string = (): string => {
    const match = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) return fail('JSON-01');
    const out = JSON.parse(found[0]) as string;
    if (lone.test(out)) fail('JSON-01');
    if (profile === 'leaf' && out.normalize('NFC') !== out) fail('JSON-04');
    at += found[0].length;
    return out;
  };
  const number = (): number => {
    const match = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found) return fail('JSON-01');
    const out = Number(found[0]);
    if (profile === 'leaf' && (found[1] !== undefined || found[2] !== undefined || !Number.isSafeInteger(out))) fail('JSON-03');
    if (!Number.isFinite(out)) fail('JSON-03');
    at += found[0].length;
    return Object.is(out, -0) ? 0 : out;
  };
  const value = (depth: number): Json => {
    if (depth > 64) fail('JSON-05');
    space();
    const c = text[at];
    if (c === '{') {
      const out: JsonObject = Object.create(null) as JsonObject;
      at += 1;
      space();
      if (text[at] === '}') { at += 1; return out; }
      for (;;) {
        space();
        const where = `${at}`;
        const key = string();
        if (key in out) fail('JSON-02', where);
        space();
        if (text[at] !== ':') fail('JSON-01');
        at += 1;
        out[key] = value(depth + 1);
        space();
        if (text[at] === '}') { at += 1; return out; }
        if (text[at] !== ',') fail('JSON-01');
        at += 1;
      }
    }
    if (c === '[') {
      const out: Json[] = [];
      at += 1;
      space();
      if (text[at] === ']') { at += 1; return out; }
      for (;;) {
        out.push(value(depth + 1));
        space();
        if (text[at] === ']') { at += 1; return out; }
        if (text[at] !== ',') fail('JSON-01');
        at += 1;
      }
    }
    if (c === '"') return string();
    if (c === 't') return literal('true', true);
    if (c === 'f') return literal('false', false);
    if (c === 'n') return literal('null', null);
    return number();
  };
  const out = value(1);
  space();
  if (at !== text.length) fail('JSON-01');
  return out;
}
