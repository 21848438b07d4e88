// Inputs that fit but for one thing, and texts that are no JSON any more.
import fc from 'fast-check';
import { heavyJson, hostileJson, hostileText } from './hostile';
import { textOf, type Member, type Shape } from './shape';

const SPOILT_NAMES = (name: string): readonly string[] => [
  name.toUpperCase(),
  `${name} `,
  `${name}\u0000`,
  // The same name to a JSON reader.
  `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`,
];
const STRANGE_NAMES = [
  '__proto__',
  '"\\u005f_proto__"',
  'constructor',
  'toString',
  'unknown',
  '',
  'isAdmin',
  'role',
];

const replaced = <Item>(list: readonly Item[], place: number, items: readonly Item[]): Item[] => [
  ...list.slice(0, place),
  ...items,
  ...list.slice(place + 1),
];

/** One member of an object changed, removed, doubled or renamed, at any depth; or a member more. */
export function spoilt(shape: Shape): fc.Arbitrary<Shape> {
  const hostile = hostileJson.map((text): Shape => ({ raw: text }));
  if ('raw' in shape || ('list' in shape && shape.list.length === 0)) return hostile;
  if ('list' in shape) {
    return fc.nat({ max: shape.list.length - 1 }).chain((place) => {
      const item = shape.list[place]!;
      return fc
        .oneof(
          spoilt(item).map((one) => [one]),
          fc.constantFrom<Shape[]>([], Array<Shape>(60).fill(item)),
        )
        .map((items) => ({ list: replaced(shape.list, place, items) }));
    });
  }
  const { members } = shape;
  const strange = fc
    .tuple(fc.constantFrom(...STRANGE_NAMES), hostile)
    .map((member): Shape => ({ members: [...members, member] }));
  if (members.length === 0) return strange;
  const one = fc.nat({ max: members.length - 1 }).chain((place) => {
    const [name, value] = members[place]!;
    const put = (items: readonly Member[]): Shape => ({ members: replaced(members, place, items) });
    return fc.oneof(
      { weight: 6, arbitrary: spoilt(value).map((other) => put([[name, other]])) },
      { weight: 1, arbitrary: fc.constant(put([])) },
      {
        weight: 1,
        arbitrary: hostile.map((other) =>
          put([
            [name, value],
            [name, other],
          ]),
        ),
      },
      {
        weight: 1,
        arbitrary: hostile.map((other) =>
          put([
            [name, other],
            [name, value],
          ]),
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom(...SPOILT_NAMES(name)).map((other) => put([[other, value]])) },
    );
  });
  return fc.oneof({ weight: 8, arbitrary: one }, { weight: 1, arbitrary: strange });
}

/** A text cut off, with something before or behind it, or something else altogether. */
export const garbled = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.nat({ max: text.length }).map((length) => text.slice(0, length)),
    fc.constantFrom(
      `\ufeff${text}`,
      `${text}${text}`,
      `[${text}]`,
      `${text}//`,
      `\u0000${text}`,
      `)]}',\n${text}`,
    ),
    hostileJson,
    hostileText,
  );

/** The texts that are tried where a shape is wanted. Those that are large are few. */
export const textsOf = (fits: fc.Arbitrary<Shape>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: fits.map(textOf) },
    { weight: 45, arbitrary: fits.chain(spoilt).map(textOf) },
    { weight: 10, arbitrary: fits.map(textOf).chain(garbled) },
    { weight: 4, arbitrary: fits.chain(spoilt).chain(spoilt).map(textOf) },
    { weight: 1, arbitrary: heavyJson },
  );
