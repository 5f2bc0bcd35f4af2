// Names and units of a whole tree, before it may run: LAW-02 and LAW-03.
import { parseDate } from './calendar';
import { type Node, type Op, isComparison, isOrdering, refuse } from './expression-parse';
import { type Kind, type Type, isAmount, isCountable, isNumber, isOrdered, number } from './value';

export interface Schema { names: Map<string, Type>; functions?: Map<string, { takes: Type[]; gives: Type }> }

const apart = (a: { day?: string | undefined }, b: { day?: string | undefined }): boolean => a.day !== undefined && b.day !== undefined && a.day !== b.day;
const open = (kind: Kind): boolean => kind === 'null';
const mayBe = (kind: Kind, wanted: Kind): boolean => kind === wanted || open(kind);
const mayBeDay = (kind: Kind): boolean => kind === 'date' || kind === 'time' || open(kind);
const elementOf = (type: Type): Type => type.element ?? { kind: 'null' };

// What two kinds give together; null where they do not go together.
export function kindOf(op: Op, a: Kind, b: Kind): Kind | null {
  const numbers = isNumber(a) && isNumber(b);
  const whole: Kind = a === b ? a : 'ratio';
  switch (op) {
    case '+': case '-':
      if (numbers) return whole;
      if (a === b && (isAmount(a) || a === 'days')) return a;
      if ((a === 'date' || a === 'time') && b === 'days') return a;
      if (a === 'date' && b === 'date' && op === '-') return 'days';
      return a === 'text' && b === 'text' && op === '+' ? 'text' : null;
    case '*':
      if (numbers) return whole;
      if (isAmount(a) && isNumber(b)) return a;
      if (isNumber(a) && isAmount(b)) return b;
      return (a === 'days' && b === 'integer') || (a === 'integer' && b === 'days') ? 'days' : null;
    case '/':
      if (numbers || (a === b && isAmount(a))) return 'ratio';
      return isAmount(a) && isNumber(b) ? a : null;
    case '%': return a === 'integer' && b === 'integer' ? 'integer' : null;
    case 'in': return b === 'list' && a !== 'list' && a !== 'record' ? 'boolean' : null;
    default: break;
  }
  if (isOrdering(op) && !isOrdered(a)) return null;
  return a === 'record' || (a !== b && !numbers) ? null : 'boolean';
}

// One type for branches and elements; a null literal takes the others' type.
function joined(nodes: Node[]): Type {
  const said = nodes.filter((node) => !(node.op === 'literal' && open(node.literal.kind)));
  let first: Type | null = null;
  for (const { type, column } of said) {
    if (open(type.kind)) return { kind: 'null' };
    if (first && (first.kind !== type.kind || apart(first, type) || (first.kind === 'list' && elementOf(first).kind !== elementOf(type).kind))) refuse('LAW-03', column);
    first ??= type;
  }
  if (!first) return { kind: 'null' };
  const made = { ...first };
  for (const { type } of said) {
    if (type.members !== made.members) delete made.members;
    if (type.day === undefined) delete made.day;
  }
  return made;
}

const unfit = (node: Node): never => refuse('LAW-03', node.column);
const demand = (node: Node, yes: boolean): void => { if (!yes) unfit(node); };

type Signature = (node: Node) => Type;
const dates = (node: Node): void => { for (const kid of node.kids) demand(kid, mayBeDay(kid.type.kind)); };
const onList = (node: Node): Type => {
  demand(node.kids[0]!, mayBe(node.kids[0]!.type.kind, 'list'));
  return elementOf(node.kids[0]!.type);
};
const extreme: Signature = (node) => {
  const type = node.kids.length === 1 ? onList(node) : joined(node.kids);
  demand(node.kids[0]!, open(type.kind) || isOrdered(type.kind));
  return type;
};
const flat: Signature = (node) => {
  demand(node.kids[0]!, onList(node).kind !== 'record');
  return node.name === 'distinct' ? node.kids[0]!.type : { kind: 'boolean' };
};
export const builtIns: Record<string, { takes: number; type: Signature }> = {
  days: { takes: 2, type: (node) => (dates(node), { kind: 'days', day: 'calendar' }) },
  working_days: { takes: 2, type: (node) => (dates(node), { kind: 'days', day: 'working' }) },
  add: { takes: 2, type: ({ kids: [a, n] }) => (demand(a!, mayBeDay(a!.type.kind)), demand(n!, mayBe(n!.type.kind, 'days')), { kind: 'date' }) },
  add_months: { takes: 2, type: ({ kids: [a, n] }) => (demand(a!, mayBeDay(a!.type.kind)), demand(n!, mayBe(n!.type.kind, 'integer')), { kind: 'date' }) },
  date: { takes: 1, type: (node) => (dates(node), { kind: 'date' }) },
  year: { takes: 1, type: (node) => (dates(node), { kind: 'integer' }) },
  size: { takes: 1, type: ({ kids: [x] }) => (demand(x!, mayBe(x!.type.kind, 'list') || x!.type.kind === 'text'), { kind: 'integer' }) },
  count: { takes: 1, type: (node) => (onList(node), { kind: 'integer' }) },
  sum: { takes: 1, type: (node) => { const of = onList(node); demand(node.kids[0]!, open(of.kind) || isCountable(of.kind)); return of; } },
  min: { takes: 0, type: extreme },
  max: { takes: 0, type: extreme },
  abs: { takes: 1, type: ({ kids: [x] }) => (demand(x!, open(x!.type.kind) || isCountable(x!.type.kind)), x!.type) },
  distinct: { takes: 1, type: flat },
  all_distinct: { takes: 1, type: flat },
  has: { takes: 1, type: () => ({ kind: 'boolean' }) },
  starts_with: { takes: 2, type: (node) => { for (const kid of node.kids) demand(kid, mayBe(kid.type.kind, 'text')); return { kind: 'boolean' }; } },
};

export function checkTypes(root: Node, schema: Schema): Set<string> {
  const reads = new Set<string>();
  const locals: { name: string; type: Type; path: string }[] = [];

  const check = (node: Node, part = false): void => {
    type(node);
    if (!part && node.path !== '' && node.op !== 'index') reads.add(node.path);
  };
  const condition = (node: Node): void => {
    check(node);
    demand(node, mayBe(node.type.kind, 'boolean'));
  };
  const name = (node: Node): void => {
    for (let i = locals.length; i-- > 0;) {
      if (locals[i]!.name !== node.name) continue;
      Object.assign(node, { local: true, slot: i, type: locals[i]!.type, path: locals[i]!.path });
      return;
    }
    node.type = schema.names.get(node.name) ?? refuse('LAW-02', node.column);
    node.path = node.name;
  };
  const member = (node: Node): void => {
    const owner = node.kids[0]!;
    check(owner, true);
    demand(owner, mayBe(owner.type.kind, 'record'));
    if (owner.path !== '') node.path = `${owner.path}.${node.name}`;
    if (owner.type.members) node.type = owner.type.members.get(node.name) ?? refuse('LAW-02', node.column);
  };
  const binary = (node: Node): void => {
    const [left, right] = [node.kids[0]!, node.kids[1]!];
    check(left);
    check(right);
    const says = isComparison(node.op) || node.op === 'in';
    if (open(left.type.kind) || open(right.type.kind)) {
      if (node.op === 'in') demand({ ...node }, mayBe(right.type.kind, 'list'));
      node.type = { kind: says ? 'boolean' : 'null' };
      return;
    }
    const kind = kindOf(node.op, left.type.kind, right.type.kind) ?? unfit(node);
    if (left.type.kind === 'days') demand(node, !apart(left.type, right.type));
    if (says && right.type.kind === 'list') {
      const [element, meets] = [elementOf(right.type), left.type.kind === 'list' ? elementOf(left.type) : left.type];
      if (!open(element.kind) && !open(meets.kind)) demand(node, kindOf('==', meets.kind, element.kind) !== null && !apart(meets, element));
    }
    const day = left.type.kind === 'date' ? 'calendar' : left.type.day ?? right.type.day;
    node.type = kind === 'days' && day ? { kind, day } : { kind };
  };
  const walk = (node: Node): void => {
    const [of, body] = [node.kids[0]!, node.kids[1]!];
    check(of);
    demand(of, mayBe(of.type.kind, 'list'));
    if (schema.names.has(node.name) || locals.some((one) => one.name === node.name)) refuse('LAW-02', node.column);
    node.slot = locals.length;
    locals.push({ name: node.name, type: elementOf(of.type), path: of.path });
    (node.op === 'map' ? check : condition)(body);
    locals.pop();
    if (node.op === 'map') {
      demand(body, body.type.kind !== 'list');
      node.type = { kind: 'list', element: body.type };
    } else {
      node.type = node.op === 'filter' ? of.type : { kind: 'boolean' };
      if (node.op === 'filter') node.path = of.path;
    }
  };
  const call = (node: Node): void => {
    const known = Object.hasOwn(builtIns, node.name) ? builtIns[node.name]! : null;
    const [first] = node.kids;
    if (known && node.name === 'date' && node.kids.length === 1 && first!.literal.kind === 'text') {
      const date = parseDate(first!.literal.text!) ?? refuse('LAW-01', first!.column);
      Object.assign(node, { op: 'literal', literal: number('date', BigInt(date)), kids: [], type: { kind: 'date' } });
      return;
    }
    const declared = known ? null : schema.functions?.get(node.name) ?? refuse('LAW-02', node.column);
    if (declared) demand(node, node.kids.length === declared.takes.length);
    for (const [i, kid] of node.kids.entries()) {
      check(kid);
      const wanted = declared?.takes[i];
      if (wanted && !open(wanted.kind) && !open(kid.type.kind)) demand(kid, kid.type.kind === wanted.kind && !apart(kid.type, wanted));
    }
    if (known) demand(node, known.takes === 0 ? node.kids.length > 0 : node.kids.length === known.takes);
    node.builtIn = known !== null;
    node.type = known ? known.type(node) : declared!.gives;
  };
  const type = (node: Node): void => {
    switch (node.op) {
      case 'literal': node.type = node.literal.day ? { kind: 'days', day: node.literal.day } : { kind: node.literal.kind }; return;
      case 'name': return name(node);
      case 'member': return member(node);
      case 'index':
        node.kids.forEach((kid) => check(kid));
        demand(node.kids[0]!, mayBe(node.kids[0]!.type.kind, 'list'));
        demand(node.kids[1]!, mayBe(node.kids[1]!.type.kind, 'integer'));
        Object.assign(node, { type: elementOf(node.kids[0]!.type), path: node.kids[0]!.path });
        return;
      case 'list': {
        node.kids.forEach((kid) => check(kid));
        const element = joined(node.kids);
        demand(node, element.kind !== 'list');
        node.type = { kind: 'list', element };
        return;
      }
      case 'negate':
        check(node.kids[0]!);
        node.type = node.kids[0]!.type;
        return demand(node.kids[0]!, open(node.type.kind) || isCountable(node.type.kind));
      case 'invert': case '||': case '&&':
        node.kids.forEach(condition);
        node.type = { kind: 'boolean' };
        return;
      case 'choose':
        condition(node.kids[0]!);
        check(node.kids[1]!);
        check(node.kids[2]!);
        node.type = joined(node.kids.slice(1));
        return;
      case 'call': return call(node);
      case 'all': case 'exists': case 'filter': case 'map': return walk(node);
      default: return binary(node);
    }
  };
  check(root);
  return reads;
}
