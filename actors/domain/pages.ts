// Reads what may be any number, a page at a time, in the order of its keys.

/** Below every id, as an id may be 0. */
export const BEFORE_ALL = '-1';

/**
 * All that there are, page after page: those that stay as they are do not stand in the way of the others.
 * @param read gives so many with keys after this one, in the order of their keys
 * @param first a key below all
 */
export async function* pagesOf<Found, Key>(
  read: (after: Key, limit: number) => Promise<readonly Found[]>,
  keyOf: (found: Found) => Key,
  first: Key,
  limit: number,
): AsyncGenerator<readonly Found[]> {
  let after = first;
  for (;;) {
    const page = await read(after, limit);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < limit) return;
    after = keyOf(last);
  }
}
