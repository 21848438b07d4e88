// Does one thing after the other, several at once.

/** @param each is begun in the order of the items. @returns what each came to, in the same order */
export async function inLanes<Item, Result>(
  lanes: number,
  items: readonly Item[],
  each: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [place, item] of rest) results[place] = await each(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
