// Whoever waits is told why now and then, not each time that is asked again.
const EVERY_MS = 5_000;

/**
 * A short wait is not worth a line: the first comes after a while, too.
 * @returns what takes why it is waited, as often as that is found
 */
export function tellingWaits(
  say: (why: string) => void,
  now: () => number = () => performance.now(),
): (why: string) => void {
  let toldAt = now();
  return (why) => {
    if (now() - toldAt < EVERY_MS) return;
    toldAt = now();
    say(why);
  };
}
