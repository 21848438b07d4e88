// JSON as a tree that may break the rules of JSON: members twice, and texts that no JSON writer would write.

export type Shape =
  { readonly raw: string } | { readonly list: readonly Shape[] } | { readonly members: readonly Member[] };
export type Member = readonly [name: string, value: Shape];

export const raw = (value: unknown): Shape => ({ raw: JSON.stringify(value) });

/** The text that travels. Names are written as they are when they begin with a quotation mark. */
export function textOf(shape: Shape): string {
  if ('raw' in shape) return shape.raw;
  if ('list' in shape) return `[${shape.list.map(textOf).join(',')}]`;
  const members = shape.members.map(([name, value]) => {
    const key = name.startsWith('"') ? name : JSON.stringify(name);
    return `${key}:${textOf(value)}`;
  });
  return `{${members.join(',')}}`;
}

/** A plain value as a tree. */
export function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return { list: value.map(shapeOf) };
  if (typeof value !== 'object' || value === null) return raw(value);
  return { members: Object.entries(value).map(([name, member]) => [name, shapeOf(member)]) };
}
