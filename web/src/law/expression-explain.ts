// Why a condition is false, with both sides of the figure: docs/formats/expression.md, "Why".
import { type Json, type JsonObject, isObject } from '../base/json';
import type { Text } from '../base/page';
import { Evaluation, type Scope } from './expression-evaluate';
import { type Node, type Op, isCalculation, isComparison, isOrdering } from './expression-parse';
import { LawRefusal, type Value, isTrue, nothing, show } from './value';

const symbols: Partial<Record<Op, string>> = { '==': ' = ', '!=': ' ≠ ', '<': ' < ', '<=': ' ≤ ', '>': ' > ', '>=': ' ≥ ', '+': ' + ', '-': ' − ', '*': ' × ', '/': ' ÷ ', '%': ' % ' };
const opposite: Partial<Record<Op, Op>> = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };
const words = (zh: string, en = zh): Text => ({ zh, en });
const join = (...parts: Text[]): Text => words(parts.map((one) => one.zh).join(''), parts.map((one) => one.en).join(''));
const isSum = (op: Op): boolean => op === '+' || op === '-';

// What is read is called: names by dotted path, and values that stand under one. undefined: the path itself, the value as shown.
export interface Words { name(path: string): Text | undefined; value?(path: string, value: Value): Text | undefined }

const mostNamed = 10;  // elements of a list, each by its name

class Explainer {
  readonly #evaluation: Evaluation;
  constructor(scope: Scope, readonly words: Words) { this.#evaluation = new Evaluation(scope); }

  // What is the case, where `node` came out as `held`.
  say(node: Node, held: boolean): Text {
    const [first, second] = node.kids;
    switch (node.op) {
      case '&&': case '||': {
        const oneDecides = (node.op === '&&') !== held;
        if (!oneDecides) return join(this.say(first!, held), words(' 且 ', ' and '), this.say(second!, held));
        return this.say(isTrue(this.#value(first!)) === held ? first! : second!, held);
      }
      case 'invert': return this.#value(first!).kind === 'null' ? this.#unmet(first!, held) : this.say(first!, !held);
      case 'choose': return this.say(node.kids[isTrue(this.#value(first!)) ? 1 : 2]!, held);
      case 'in': return join(this.#side(first!), held ? words(' 在 ', ' is in ') : words(' 不在 ', ' is not in '), this.#among(first!.path, this.#value(second!)), words(' 之中', ''));
      case 'all': case 'exists': return this.#walk(node, held);
      case 'call': return node.builtIn && node.name === 'has' ? join(this.#label(first!), held ? words(' 已填', ' is there') : words(' 空', ' is absent')) : this.#unmet(node, held);
      default: return isComparison(node.op) ? this.#comparison(node, held) : this.#unmet(node, held);
    }
  }

  #value(node: Node): Value {
    try {
      return this.#evaluation.evaluate(node);
    } catch (error) {
      if (error instanceof LawRefusal) return nothing;
      throw error;
    }
  }
  #unmet(node: Node, held: boolean): Text { return join(this.#label(node), held ? words(' 成立', ' holds') : words(' 不成立', ' does not hold')); }
  #comparison(node: Node, held: boolean): Text {
    const [a, b] = [node.kids[0]!, node.kids[1]!];
    const [left, right] = [this.#sideOf(a, b), this.#sideOf(b, a)];
    const absent = node.kids.some((kid) => this.#value(kid).kind === 'null');
    if (absent && isOrdering(node.op) && !held) return join(left, words('，须', ', must be'), words(symbols[node.op]!), right);
    return join(left, words(symbols[held ? node.op : opposite[node.op]!]!), right);
  }
  #walk(node: Node, held: boolean): Text {
    const [of, body] = [node.kids[0]!, node.kids[1]!];
    const { kind, items } = this.#value(of);
    if (kind !== 'list') return this.#unmet(of, held);
    if ((node.op === 'all') === held) return join(this.#label(of), held ? words(' 每项都符合', ': every element fits') : words(' 没有一项符合', ': no element fits'));
    for (const [i, item] of items!.entries()) {
      this.#evaluation.locals.push(item);
      const found = isTrue(this.#value(body)) === held;
      const said = found ? this.say(body, held) : words('');
      this.#evaluation.locals.pop();
      if (found) return join(this.#label(of), words(` 第 ${i + 1} 项：`, ` no. ${i + 1}: `), said);
    }
    return this.#unmet(node, held);
  }
  #among(path: string, list: Value): Text {
    if (path === '' || list.kind !== 'list' || list.items!.length > mostNamed) return show(list);
    return join(words('['), ...list.items!.map((item, i) => join(words(i > 0 ? ', ' : ''), this.#shown(path, item))), words(']'));
  }
  // As a value is called under its own name, or under that of what it is compared with.
  #shown(path: string, value: Value): Text { return (path === '' ? undefined : this.words.value?.(path, value)) ?? show(value); }
  // One side of a comparison: its name and value, or the figures of its calculation, named where the other side is a mere value.
  #sideOf(node: Node, against: Node): Text {
    if (node.op === 'literal') return this.#shown(against.path, node.literal);
    if (!isCalculation(node.op)) return this.#side(node, against.path);
    return against.op === 'literal' ? join(this.#label(node), words('：', ': '), this.#figures(node)) : this.#figures(node);
  }
  #side(node: Node, against = ''): Text {
    if (node.op === 'literal') return show(node.literal);
    if (isCalculation(node.op)) return this.#figures(node);
    return join(this.#label(node), words(' '), this.#shown(node.path || against, this.#value(node)));
  }
  #figures(node: Node): Text {
    if (!isCalculation(node.op)) return this.#shown(node.path, this.#value(node));
    const operand = (kid: Node, right: boolean): Text => {
      const bracket = isCalculation(kid.op) && ((isSum(kid.op) && !isSum(node.op)) || (right && isSum(kid.op) === isSum(node.op)));
      return bracket ? join(words('（', '('), this.#figures(kid), words('）', ')')) : this.#figures(kid);
    };
    return join(operand(node.kids[0]!, false), words(symbols[node.op]!), operand(node.kids[1]!, true));
  }
  #label(node: Node): Text {
    if (node.op === 'literal') return show(node.literal);
    if (node.path !== '') return this.words.name(node.path) ?? words(node.path);
    if (node.op === 'call') return this.#callLabel(node);
    if (isCalculation(node.op)) return join(this.#label(node.kids[0]!), words(symbols[node.op]!), this.#label(node.kids[1]!));
    return node.kids.length === 0 ? show(this.#value(node)) : this.#label(node.kids[0]!);
  }
  #callLabel(node: Node): Text {
    const [a, b] = node.kids;
    const after: Record<string, Text> = { date: words(' 之日', ', its date'), year: words(' 的年份', ', its year'), size: words(' 的项数', ', how many'), count: words(' 的项数', ', how many'),
      sum: words(' 合计', ' in all'), distinct: words(' 中不同者', ', the distinct'), all_distinct: words(' 各不相同', ': all distinct') };
    if (node.builtIn && (node.name === 'days' || node.name === 'working_days'))
      return join(this.#label(a!), words(' 至 ', ' to '), this.#label(b!), words(node.name === 'days' ? ' 的日数' : ' 的工作日数', ':'));
    const tail = node.builtIn ? after[node.name] : undefined;
    if (tail) return join(this.#label(a!), tail);
    return join(words(`${node.name}(`), ...node.kids.map((kid, i) => join(words(i > 0 ? ', ' : ''), this.#label(kid))), words(')'));
  }
}

export const explainFalse = (root: Node, scope: Scope, called: Words): Text => new Explainer(scope, called).say(root, false);

const isSay = (json: Json | undefined): json is JsonObject => isObject(json ?? null) && typeof (json as JsonObject)['zh'] === 'string' && typeof (json as JsonObject)['en'] === 'string';
const said = (json: JsonObject): Text => words(json['zh'] as string, json['en'] as string);

// From `labels` of a vector or of a form: of a path its Chinese name, or {zh, en, unit, values}.
export const wordsOf = (labels: JsonObject): Words => ({
  name(path) {
    const one = labels[path];
    return typeof one === 'string' ? words(one, path) : isSay(one) ? said(one) : undefined;
  },
  value(path, value) {
    const one = labels[path];
    if (!isSay(one)) return undefined;
    if (value.kind === 'text') {
      const named = isObject(one['values'] ?? null) ? (one['values'] as JsonObject)[value.text!] : undefined;
      return isSay(named) ? said(named) : undefined;
    }
    return value.kind === 'integer' && isSay(one['unit']) ? join(show(value), words(' '), said(one['unit'])) : undefined;
  },
});
