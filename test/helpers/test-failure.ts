// What to print when a test fails. Jest tells tests nothing of their own failure, but its runner keeps the state
// of the test that has just run under a symbol of the global object.

interface RunnerState {
  readonly currentlyRunningTest?: { readonly errors: readonly unknown[] } | null;
}

const listeners = new Set<() => string>();

/** @returns what ends it */
export function whenATestFails(describe: () => string): () => void {
  listeners.add(describe);
  return () => void listeners.delete(describe);
}

function runnerState(): RunnerState | undefined {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(
    (one) => one.description === 'JEST_STATE_SYMBOL',
  );
  return symbol && (globalThis as unknown as Record<symbol, RunnerState>)[symbol];
}

// Programs use the same nodes without Jest, and then there is no test that could fail.
if ('afterEach' in globalThis)
  afterEach(() => {
    if ((runnerState()?.currentlyRunningTest?.errors.length ?? 0) === 0) return;
    for (const describe of listeners) process.stderr.write(`${describe()}\n`);
  });
