// Inputs that fit a schema, with values as hostile as the schema lets through: made by walking the very schemas that
// the product checks with.
import fc from 'fast-check';
import { HOSTILE_FIGURES, hostileText } from './hostile';
import { raw, type Member, type Shape } from './shape';

/** What of JSON Schema our schemas use. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
}

/** Values that are likely to be meant, by the name of the member: ids that exist, prices that are right. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

const number = (least: number, most: number, whole: boolean): fc.Arbitrary<number> => {
  const edges = [least, least + 1, most - 1, most].filter((edge) => Number.isSafeInteger(edge));
  const any = whole
    ? fc.integer({ min: Math.max(least, -1e9), max: Math.min(most, 1e9) })
    : fc.double({ min: least, max: most, noNaN: true });
  return edges.length === 0 ? any : fc.oneof(any, fc.constantFrom(...edges));
};

function text({ pattern, minLength = 0, maxLength = 60_000 }: Schema): fc.Arbitrary<string> {
  const fits = (one: string): boolean => one.length >= minLength && one.length <= maxLength;
  if (pattern === undefined) return hostileText.filter(fits);
  const expression = new RegExp(pattern, 'u');
  if (pattern.startsWith('^[^'))
    return hostileText.filter((one) => expression.test(one) && one.length >= minLength);
  const figures = HOSTILE_FIGURES.filter((one) => expression.test(one));
  const matching = fc.stringMatching(expression);
  return figures.length === 0 ? matching : fc.oneof(matching, fc.constantFrom(...figures));
}

function members(schema: Schema, known: Known): fc.Arbitrary<Shape> {
  const { properties = {}, required = [], patternProperties = {} } = schema;
  const [record] = Object.values(patternProperties);
  const model: Record<string, fc.Arbitrary<Shape | undefined>> = {};
  for (const [name, member] of Object.entries(properties)) {
    const value = fittingMember(name, member, known);
    model[name] = required.includes(name) ? value : fc.option(value, { nil: undefined });
  }
  const named = fc
    .record(model)
    .map((values): Member[] =>
      Object.entries(values).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    );
  const more = record
    ? fc.array(fc.tuple(hostileText, fitting(record, known)), { maxLength: 2 })
    : fc.constant([]);
  return fc.tuple(named, more).map(([own, others]) => ({ members: [...own, ...others] }));
}

function fittingMember(name: string, schema: Schema, known: Known): fc.Arbitrary<Shape> {
  const likely = known[name];
  const anything = fitting(schema, known);
  if (!likely || likely.length === 0) return anything;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...likely).map(raw) },
    { weight: 1, arbitrary: anything },
  );
}

/** @throws Error for a schema of a kind that is not known here: the walk must learn it */
export function fitting(schema: Schema, known: Known): fc.Arbitrary<Shape> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => fitting(one, known)));
  if (schema.enum) return fc.constantFrom(...schema.enum).map(raw);
  if ('const' in schema) return fc.constant(raw(schema.const));
  switch (schema.type) {
    case 'string':
      return text(schema).map(raw);
    case 'integer':
    case 'number':
      return number(schema.minimum ?? -1e15, schema.maximum ?? 1e15, schema.type === 'integer').map(raw);
    case 'boolean':
      return fc.boolean().map(raw);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = 5 } = schema;
      const one = fitting(items, known);
      return fc
        .oneof(
          {
            weight: 9,
            arbitrary: fc.array(one, { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) }),
          },
          { weight: 1, arbitrary: fc.array(one, { minLength: minItems, maxLength: maxItems, size: 'max' }) },
        )
        .map((list) => ({ list }));
    }
    case 'object':
      return members(schema, known);
    case undefined:
      return hostileText.map(raw);
    default:
      throw new Error(`a schema of an unknown kind: ${JSON.stringify(schema).slice(0, 200)}`);
  }
}
