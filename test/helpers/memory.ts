// What is kept in memory of things that are over. The collector runs when it is told to, so this measures no time.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { readonly type: 'minor' }) => void;

const THINGS = 500;
/** Of each thing, of eight bytes each: much more than what is made along with it. */
const PLACES = 5_000;
const BYTES = THINGS * PLACES * 8;

let collect: Collect | undefined;

function collector(): Collect {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}

/** Waits until nobody but `ref` can hold what it refers to, and collects all that nobody holds. */
export async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  collector()();
  return ref.deref() === undefined;
}

/**
 * What of things that came and went outlives collections of young objects. Whatever is there before is old by then, and a Map
 * keeps what was in the tables that it has outgrown until a collection of old objects.
 * @param comeAndGo gets 500 things, one after the other
 * @returns the part of their memory that is still kept, from 0 to 1
 */
export async function keptOfThings(
  comeAndGo: (thing: object, number: number) => Promise<void> | void,
): Promise<number> {
  const gc = collector();
  gc();
  gc();
  const before = getHeapStatistics().used_heap_size;
  for (let number = 0; number < THINGS; number += 1) {
    await comeAndGo(new Array(PLACES).fill(number), number);
  }
  await new Promise((resolve) => setImmediate(resolve));
  gc({ type: 'minor' });
  gc({ type: 'minor' });
  return (getHeapStatistics().used_heap_size - before) / BYTES;
}
