/**
 * Waits until whoever is about to come is there: what the last flush set going arrives a few turns of the event loop after
 * it, and larger batches cost less. For one alone these turns are nothing.
 */
export async function gather(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
