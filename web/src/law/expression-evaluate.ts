// What an expression comes to: docs/formats/expression.md, "Operators" to "Walks and functions". Refuses LAW-03 to LAW-07.
import { utf8 } from '../base/bytes';
import { type Calendar, formatDate, parseDate, addMonths, yearOf } from './calendar';
import { type Node, type Op, isComparison, isOrdering } from './expression-parse';
import { kindOf } from './expression-types';
import { type Kind, LawRefusal, type Type, type Value, dayOfTime, daysOf, inRange, isAmount, isCountable, isNumber, isOrdered, isTrue, list, nothing, number, ratio, rounded, text, truth } from './value';

export interface Scope { name(name: string): Value; call?(name: string, values: Value[]): Value; calendar: Calendar }

const stop = (code: string, column = 0): never => { throw new LawRefusal(code, column); };
const isNull = (value: Value): boolean => value.kind === 'null';
const apart = (a: Value, b: Value): boolean => a.kind === 'days' && b.kind === 'days' && a.day !== b.day;
const fits = (value: Value, type: Type): boolean => isNull(value) || type.kind === 'null' || (value.kind === type.kind && (type.day === undefined || value.day === type.day));
const whole = (kind: Kind, n: bigint, day?: 'calendar' | 'working'): Value => (inRange(n) ? { ...number(kind, n), ...(day ? { day } : {}) } : stop('LAW-04'));

interface Fraction { n: bigint; d: bigint }
function exact(op: Op, a: Value, b: Value): Fraction {
  if (op === '*') return { n: a.n * b.n, d: a.d * b.d };
  if (b.n === 0n) return stop('LAW-05');
  return b.n < 0n ? { n: -a.n * b.d, d: -b.n * a.d } : { n: a.n * b.d, d: b.n * a.d };
}
const byCodePoint = (a: string, b: string): number => {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i += 1) if (left[i] !== right[i]) return left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
  return left.length - right.length;
};
const order = (a: Value, b: Value): number => {
  if (a.kind === 'text') return byCodePoint(a.text!, b.text!);
  const [left, right] = [a.n * b.d, b.n * a.d];
  return left < right ? -1 : left > right ? 1 : 0;
};
function equal(a: Value, b: Value): boolean {
  if (isNumber(a.kind) && isNumber(b.kind)) return order(a, b) === 0;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'list') return a.items!.length === b.items!.length && a.items!.every((one, i) => equal(one, b.items![i]!));
  return a.n === b.n && a.d === b.d && a.day === b.day && a.text === b.text && a.members === b.members;
}
const dayOf = (value: Value): number => (value.kind === 'date' ? Number(value.n) : value.kind === 'time' ? dayOfTime(value.n) : stop('LAW-06'));
const holds = (op: Op, found: number): boolean => (op === '==' ? found === 0 : op === '!=' ? found !== 0 : op === '<' ? found < 0 : op === '<=' ? found <= 0 : op === '>' ? found > 0 : found >= 0);
const keyOf = (value: Value): string => `${value.kind === 'ratio' && value.d === 1n ? 'integer' : value.kind} ${value.day ?? ''} ${value.text ?? `${value.n}/${value.d}`}`;

function addDays(from: Value, days: Value, calendar: Calendar): Value {
  const start = dayOf(from);
  if (days.kind !== 'days') stop('LAW-06');
  if (days.n > 36_525n || days.n < -36_525n) stop('LAW-04');
  const last = calendar.lastDay(start, Number(days.n), days.day!);
  return parseDate(formatDate(last)) === last && yearOf(last) <= 9999 ? number('date', BigInt(last)) : stop('LAW-04');
}
function shifted(from: Value, days: Value, calendar: Calendar): Value {
  const moved = addDays(from, days, calendar);
  if (from.kind === 'date') return moved;
  return number('time', from.n + (moved.n - BigInt(dayOf(from))) * 86_400_000n);  // a time keeps its hour
}
const ofRatio = (n: bigint, d: bigint): Value => (d === 0n ? stop('LAW-05') : ratio(n, d) ?? stop('LAW-04'));

export function calculate(op: Op, a: Value, b: Value, calendar: Calendar): Value {
  const kind = kindOf(op, a.kind, b.kind) ?? stop('LAW-03');
  const sum = op === '-' ? a.n - b.n : a.n + b.n;
  switch (kind) {
    case 'integer':
      if (op === '%') return b.n === 0n ? stop('LAW-05') : number('integer', a.n % b.n);
      return whole(kind, op === '*' ? a.n * b.n : sum);
    case 'ratio':
      if (op === '/') return ofRatio(a.n * b.d, a.d * b.n);
      if (op === '*') return ofRatio(a.n * b.n, a.d * b.d);
      return ofRatio(op === '+' ? a.n * b.d + b.n * a.d : a.n * b.d - b.n * a.d, a.d * b.d);
    case 'money': case 'area': {
      if (op === '+' || op === '-') return whole(kind, sum);
      const { n, d } = exact(op, a, b);
      return whole(kind, rounded(n, d));
    }
    case 'days':
      if (a.kind === 'date') return daysOf(a.n - b.n, 'calendar');
      if (op === '*') return whole(kind, a.n * b.n, a.day ?? b.day);
      return apart(a, b) ? stop('LAW-03') : whole(kind, sum, a.day);
    case 'date': case 'time': return shifted(a, op === '-' ? { ...b, n: -b.n } : b, calendar);
    default: break;
  }
  const both = a.text! + b.text!;
  return utf8(both).length > 65_535 ? stop('LAW-07') : text(both);
}

export class Evaluation {
  readonly locals: Value[] = [];
  #left = 10_000;
  constructor(readonly scope: Scope) {}

  evaluate(node: Node): Value {
    switch (node.op) {
      case 'literal': return node.literal;
      case 'name': return this.#checked(node.local ? this.locals[node.slot]! : this.scope.name(node.name), node);
      case 'member': {
        const owner = this.evaluate(node.kids[0]!);
        if (isNull(owner)) return nothing;
        if (owner.kind !== 'record') stop('LAW-06', node.column);
        return this.#checked(owner.members!.get(node.name) ?? nothing, node);
      }
      case 'index': {
        const [of, place] = [this.evaluate(node.kids[0]!), this.evaluate(node.kids[1]!)];
        if (isNull(of) || isNull(place)) return nothing;
        if (of.kind !== 'list' || place.kind !== 'integer') stop('LAW-06', node.column);
        return this.#checked(of.items![Number(place.n)] ?? nothing, node);
      }
      case 'list': return list(node.kids.map((kid) => {
        const item = this.evaluate(kid);
        return item.kind === 'list' ? stop('LAW-03', kid.column) : item;
      }));
      case 'negate': {
        const value = this.evaluate(node.kids[0]!);
        if (isNull(value)) return value;
        if (!isCountable(value.kind)) stop('LAW-06', node.column);
        return inRange(-value.n) ? { ...value, n: -value.n } : stop('LAW-04', node.column);
      }
      case 'invert': {
        const value = this.evaluate(node.kids[0]!);
        if (isNull(value)) return truth(false);
        return value.kind === 'boolean' ? truth(!isTrue(value)) : stop('LAW-06', node.column);
      }
      case '||': case '&&': {
        const left = this.#condition(node.kids[0]!);
        return truth(left === (node.op === '||') ? left : this.#condition(node.kids[1]!));
      }
      case 'choose': return this.evaluate(node.kids[this.#condition(node.kids[0]!) ? 1 : 2]!);
      case 'in': {
        const [item, of] = [this.evaluate(node.kids[0]!), this.evaluate(node.kids[1]!)];
        if (isNull(item) || isNull(of)) return truth(false);
        if (kindOf('in', item.kind, of.kind) === null) stop('LAW-03', node.column);
        this.#charge(node, of.items!.length);
        return truth(of.items!.some((one) => equal(item, one)));
      }
      case 'call': return this.#call(node);
      case 'all': case 'exists': case 'filter': case 'map': return this.#walk(node);
      default: break;
    }
    if (isComparison(node.op)) return this.#compare(node);
    const [left, right] = [this.evaluate(node.kids[0]!), this.evaluate(node.kids[1]!)];
    return isNull(left) || isNull(right) ? nothing : this.#placed(node, () => calculate(node.op, left, right, this.scope.calendar));
  }

  #placed<T>(node: Node, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof LawRefusal && error.column === 0) error.column = node.column;
      throw error;
    }
  }
  #checked(value: Value, node: Node): Value { return fits(value, node.type) ? value : stop('LAW-06', node.column); }
  #condition(node: Node): boolean {
    const value = this.evaluate(node);
    return isNull(value) || value.kind === 'boolean' ? isTrue(value) : stop('LAW-06', node.column);
  }
  #charge(node: Node, count: number): void {
    this.#left -= count;
    if (this.#left < 0) stop('LAW-07', node.column);
  }

  // A side of a comparison: an amount × or ÷ a number is left unrounded there.
  #side(node: Node): { value: Value; fraction?: Fraction } {
    const scales = (node.op === '*' || node.op === '/') && ['money', 'area', 'null'].includes(node.type.kind);
    if (!scales) return { value: this.evaluate(node) };
    const [a, b] = [this.evaluate(node.kids[0]!), this.evaluate(node.kids[1]!)];
    if (isNull(a) || isNull(b)) return { value: nothing };
    const kind = kindOf(node.op, a.kind, b.kind);
    if (kind !== 'money' && kind !== 'area') return { value: this.#placed(node, () => calculate(node.op, a, b, this.scope.calendar)) };
    return { value: isAmount(a.kind) ? a : b, fraction: this.#placed(node, () => exact(node.op, a, b)) };
  }
  #compare(node: Node): Value {
    const [left, right] = [this.#side(node.kids[0]!), this.#side(node.kids[1]!)];
    const [a, b] = [left.value, right.value];
    if (isNull(a) || isNull(b)) return truth(!isOrdering(node.op) && (isNull(a) && isNull(b)) === (node.op === '=='));
    if (apart(a, b) || kindOf(node.op, a.kind, b.kind) === null) stop('LAW-03', node.column);
    if (left.fraction || right.fraction) {
      const [x, y] = [left.fraction ?? { n: a.n, d: 1n }, right.fraction ?? { n: b.n, d: 1n }];
      const difference = x.n * y.d - y.n * x.d;
      return truth(holds(node.op, difference < 0n ? -1 : difference > 0n ? 1 : 0));
    }
    if (isOrdering(node.op)) return truth(holds(node.op, order(a, b)));
    if (a.kind === 'list') this.#charge(node, Math.min(a.items!.length, b.items!.length));
    return truth(equal(a, b) === (node.op === '=='));
  }

  #walk(node: Node): Value {
    const of = this.evaluate(node.kids[0]!);
    const decides = node.op === 'all' || node.op === 'exists';
    if (isNull(of)) return decides ? truth(false) : nothing;
    if (of.kind !== 'list') stop('LAW-06', node.column);
    this.#charge(node, of.items!.length);
    const kept: Value[] = [];
    for (const item of of.items!) {
      this.locals.push(item);
      const found = this.evaluate(node.kids[1]!);
      this.locals.pop();
      if (node.op === 'map') {
        kept.push(found.kind === 'list' ? stop('LAW-03', node.column) : found);
        continue;
      }
      if (!isNull(found) && found.kind !== 'boolean') stop('LAW-06', node.column);
      if (node.op === 'filter') {
        if (isTrue(found)) kept.push(item);
      } else if (isTrue(found) === (node.op === 'exists')) {
        return truth(node.op === 'exists');
      }
    }
    return decides ? truth(node.op === 'all') : list(kept);
  }

  #call(node: Node): Value {
    const values = node.kids.map((kid) => this.evaluate(kid));
    if (!node.builtIn) return this.#checked(this.scope.call?.(node.name, values) ?? stop('LAW-02', node.column), node);
    if (node.name === 'has') return truth(!isNull(values[0]!));
    if (node.name === 'count' && isNull(values[0]!)) return number('integer', 0n);
    if (values.some(isNull)) return nothing;
    return this.#placed(node, () => this.#builtIn(node, values));
  }
  #builtIn(node: Node, values: Value[]): Value {
    const [a, b] = [values[0]!, values[1]!];
    const { calendar } = this.scope;
    switch (node.name) {
      case 'days': return daysOf(BigInt(-dayOf(a) + dayOf(b)), 'calendar');
      case 'working_days': return daysOf(BigInt(calendar.workingDaysBetween(dayOf(a), dayOf(b))), 'working');
      case 'add': return addDays(a, b, calendar);
      case 'add_months':
        if (b.kind !== 'integer') stop('LAW-06');
        if (b.n < -12_000n || b.n > 12_000n) stop('LAW-04');
        return number('date', BigInt(addMonths(dayOf(a), Number(b.n))));
      case 'date': return number('date', BigInt(dayOf(a)));
      case 'year': return number('integer', BigInt(yearOf(dayOf(a))));
      case 'size':
        if (a.kind === 'text') return number('integer', BigInt([...a.text!].length));
        return a.kind === 'list' ? number('integer', BigInt(a.items!.length)) : stop('LAW-06');
      case 'abs':
        if (!isCountable(a.kind)) stop('LAW-06');
        return a.n >= 0n ? a : inRange(-a.n) ? { ...a, n: -a.n } : stop('LAW-04');
      case 'starts_with': return a.kind === 'text' && b.kind === 'text' ? truth(a.text!.startsWith(b.text!)) : stop('LAW-06');
      case 'min': case 'max': return this.#extreme(node, values);
      default: return this.#overList(node, a);
    }
  }
  #extreme(node: Node, values: Value[]): Value {
    let among = values;
    if (values.length === 1) {
      among = values[0]!.items ?? stop('LAW-06');
      this.#charge(node, among.length);
    }
    let best = nothing;
    for (const one of among) {
      if (isNull(one)) continue;
      if (!isOrdered(one.kind)) stop('LAW-06');
      if (!isNull(best)) {
        if (apart(one, best) || kindOf('<', best.kind, one.kind) === null) stop('LAW-03');
        if (node.name === 'min' ? order(one, best) >= 0 : order(one, best) <= 0) continue;
      }
      best = one;
    }
    return best;
  }
  #overList(node: Node, of: Value): Value {
    if (of.kind !== 'list') stop('LAW-06');
    this.#charge(node, of.items!.length);
    const present = of.items!.filter((one) => !isNull(one));
    if (node.name === 'count') return number('integer', BigInt(present.length));
    if (node.name === 'sum') {
      let total = nothing;
      for (const one of present) {
        if (!isCountable(one.kind)) stop('LAW-06');
        total = isNull(total) ? one : calculate('+', total, one, this.scope.calendar);
      }
      if (!isNull(total)) return total;
      return { ...number(node.type.kind === 'null' ? 'integer' : node.type.kind, 0n), ...(node.type.day ? { day: node.type.day } : node.type.kind === 'days' ? { day: 'calendar' as const } : {}) };
    }
    const seen = new Map<string, Value>();
    for (const one of present) {
      if (one.kind === 'record' || one.kind === 'list') stop('LAW-06');
      if (!seen.has(keyOf(one))) seen.set(keyOf(one), one);
    }
    return node.name === 'distinct' ? list([...seen.values()]) : truth(seen.size === present.length);
  }
}
