// From source to tree: docs/formats/expression.md, "Source". Refuses LAW-01 and, of a walk that there is not, LAW-02.
import { utf8 } from '../base/bytes';
import { parseDate } from './calendar';
import { LawRefusal, type Type, type Value, number, nothing, parseTime, readQuantity, text, truth } from './value';

export type Op = 'literal' | 'name' | 'member' | 'index' | 'list' | 'negate' | 'invert' | 'choose' | '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
  | '+' | '-' | '*' | '/' | '%' | 'call' | 'all' | 'exists' | 'filter' | 'map';
// `type`, `path` and `slot` are filled in by the check of types; `name` is that of a name, member, function or walk's variable.
export interface Node { op: Op; column: number; height: number; kids: Node[]; name: string; literal: Value; type: Type; path: string; slot: number; local: boolean; builtIn: boolean }

interface Token { kind: 'end' | 'quantity' | 'text' | 'name' | 'symbol'; spelling: string; value: Value; column: number }

const symbols = ['||', '&&', '==', '!=', '<=', '>=', '<', '>', '!', '+', '-', '*', '/', '%', '?', ':', '.', ',', '(', ')', '[', ']'];
const strength: Record<string, number> = { '||': 2, '&&': 3, '==': 4, '!=': 4, '<': 4, '<=': 4, '>': 4, '>=': 4, in: 4, '+': 5, '-': 5, '*': 6, '/': 6, '%': 6 };
const keywords = new Set(['true', 'false', 'null', 'in']);
const deepest = 32;

export const isOrdering = (op: Op): boolean => op === '<' || op === '<=' || op === '>' || op === '>=';
export const isComparison = (op: Op): boolean => isOrdering(op) || op === '==' || op === '!=';
export const isCalculation = (op: Op): boolean => op === '+' || op === '-' || op === '*' || op === '/' || op === '%';
export const refuse = (code: string, column: number): never => { throw new LawRefusal(code, column); };

function tokensOf(source: string): Token[] {
  if (utf8(source).length > 2000 || /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(source) || source.normalize('NFC') !== source) refuse('LAW-01', 1);
  const tokens: Token[] = [];
  let [at, column] = [0, 1];
  const put = (kind: Token['kind'], length: number, value: Value = nothing): void => {
    const spelling = source.slice(at, at + length);
    tokens.push({ kind, spelling, value, column });
    at += length;
    column += [...spelling].length;
  };
  for (;;) {
    while (/[ \t\n\r]/.test(source[at] ?? '')) [at, column] = [at + 1, column + 1];
    const rest = source.slice(at);
    if (rest === '') {
      put('end', 0);
      return tokens;
    }
    const name = /^[A-Za-z_][A-Za-z_0-9]*/.exec(rest);
    if (/^\d/.test(rest)) {
      const read = readQuantity(rest) ?? refuse('LAW-01', column);
      put('quantity', read.length, read.value);
    } else if (/^['"]/.test(rest)) {
      const quoted = /^(?:'((?:[^'\\\n\r]|\\[\\'"n])*)'|"((?:[^"\\\n\r]|\\[\\'"n])*)")/.exec(rest) ?? refuse('LAW-01', column);
      put('text', quoted[0].length, text((quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))));
    } else if (name) {
      put('name', name[0].length);
    } else {
      const symbol = symbols.find((one) => rest.startsWith(one)) ?? refuse('LAW-01', column);
      put('symbol', symbol.length);
    }
  }
}

class Parser {
  #at = 0;
  #depth = 0;
  constructor(readonly tokens: Token[]) {}

  run(): Node {
    const root = this.#expression(0);
    if (this.#now.kind !== 'end') this.#unexpected();
    return root;
  }

  get #now(): Token { return this.tokens[this.#at]!; }
  #unexpected(): never { return refuse('LAW-01', this.#now.column); }
  #take(symbol: string): boolean {
    const yes = this.#now.kind === 'symbol' && this.#now.spelling === symbol;
    if (yes) this.#at += 1;
    return yes;
  }
  #need(symbol: string): void { if (!this.#take(symbol)) this.#unexpected(); }
  #node(op: Op, column: number, kids: Node[] = [], name = '', literal = nothing): Node {
    const height = kids.reduce((most, kid) => Math.max(most, kid.height + 1), 1);
    if (height > deepest) refuse('LAW-01', column);
    return { op, column, height, kids, name, literal, type: { kind: 'null' }, path: '', slot: 0, local: false, builtIn: false };
  }

  #expression(bound: number): Node {
    if (++this.#depth > deepest) refuse('LAW-01', this.#now.column);
    let left = this.#prefix();
    for (;;) {
      const { column, kind, spelling } = this.#now;
      if (bound < 1 && this.#take('?')) {
        const then = this.#expression(1);
        this.#need(':');
        left = this.#node('choose', column, [left, then, this.#expression(0)]);
        continue;
      }
      const binding = kind === 'symbol' || kind === 'name' ? strength[spelling] : undefined;
      if (binding === undefined || binding <= bound) break;
      this.#at += 1;
      left = this.#node(spelling as Op, column, [left, this.#expression(binding)]);
    }
    this.#depth -= 1;
    return left;
  }

  #prefix(): Node {
    const { column } = this.#now;
    if (this.#take('-')) return this.#node('negate', column, [this.#expression(7)]);
    if (this.#take('!')) return this.#node('invert', column, [this.#expression(7)]);
    let left = this.#primary();
    for (;;) {
      const at = this.#now.column;
      if (this.#take('[')) {
        const place = this.#expression(0);
        this.#need(']');
        left = this.#node('index', at, [left, place]);
      } else if (this.#take('.')) {
        left = this.#member(left);
      } else {
        return left;
      }
    }
  }

  #word(): Token {
    const token = this.#now;
    if (token.kind !== 'name' || keywords.has(token.spelling)) this.#unexpected();
    this.#at += 1;
    return token;
  }

  #member(left: Node): Node {
    const { column, spelling } = this.#word();
    if (!this.#take('(')) return this.#node('member', column, [left], spelling);
    if (!['all', 'exists', 'filter', 'map'].includes(spelling)) refuse('LAW-02', column);
    const variable = this.#word().spelling;
    this.#need(',');
    const body = this.#expression(0);
    this.#need(')');
    return this.#node(spelling as Op, column, [left, body], variable);
  }

  #primary(): Node {
    const token = this.#now;
    if (this.#take('(')) {
      const inner = this.#expression(0);
      this.#need(')');
      inner.height += 1;
      if (inner.height > deepest) refuse('LAW-01', token.column);
      return inner;
    }
    if (this.#take('[')) return this.#node('list', token.column, this.#items(']'));
    if (token.kind === 'quantity' || token.kind === 'text') {
      this.#at += 1;
      return this.#node('literal', token.column, [], '', token.value);
    }
    if (token.kind !== 'name' || token.spelling === 'in') return this.#unexpected();
    this.#at += 1;
    if (token.spelling === 'null') return this.#node('literal', token.column);
    if (keywords.has(token.spelling)) return this.#node('literal', token.column, [], '', truth(token.spelling === 'true'));
    if ((token.spelling === 'date' || token.spelling === 'time') && this.#now.kind === 'text') {
      const read = (token.spelling === 'date' ? parseDate : parseTime)(this.#now.value.text!) ?? refuse('LAW-01', this.#now.column);
      this.#at += 1;
      return this.#node('literal', token.column, [], '', number(token.spelling, BigInt(read)));
    }
    return this.#take('(') ? this.#node('call', token.column, this.#items(')'), token.spelling) : this.#node('name', token.column, [], token.spelling);
  }

  #items(close: string): Node[] {
    const items: Node[] = [];
    if (this.#take(close)) return items;
    for (;;) {
      items.push(this.#expression(0));
      if (this.#take(close)) return items;
      this.#need(',');
    }
  }
}

export const parse = (source: string): Node => new Parser(tokensOf(source)).run();
