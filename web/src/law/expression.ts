// The expression language of institutions, the second implementation of docs/formats/expression.md beside src/law: a form
// can say why an act would be refused before it is sent. Both run on the vectors of that document.
import type { Text } from '../base/page';
import { Evaluation, type Scope } from './expression-evaluate';
import { type Words, explainFalse, wordsOf } from './expression-explain';
import { type Node, parse } from './expression-parse';
import { type Schema, checkTypes } from './expression-types';
import { LawRefusal, type Type, type Value, isTrue } from './value';

export type { Schema, Scope, Words };
export { LawRefusal, wordsOf };

export class Expression {
  private constructor(readonly source: string, readonly root: Node, readonly reads: ReadonlySet<string>) {}

  // Throws a LawRefusal: LAW-01, LAW-02, LAW-03.
  static compile(source: string, schema: Schema): Expression {
    const root = parse(source);
    return new Expression(source, root, checkTypes(root, schema));
  }
  get type(): Type { return this.root.type; }
  evaluate(scope: Scope): Value { return new Evaluation(scope).evaluate(this.root); }
  // null where the condition holds, else why it does not.
  require(scope: Scope, words: Words): Text | null {
    const value = this.evaluate(scope);
    if (isTrue(value)) return null;
    if (value.kind !== 'null' && value.kind !== 'boolean') throw new LawRefusal('LAW-06', 0);
    return explainFalse(this.root, scope, words);
  }
}
