// What an error of the database means to those who write.

const stateOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/**
 * Data exceptions, broken constraints, what a trigger refuses and what is too large for an index (SQLSTATE 22, 23,
 * P0 and 54): the statement is at fault, not the connection.
 */
export const isRefusedByDatabase = (error: unknown): boolean => /^(2[23]|54|P0)/.test(stateOf(error) ?? '');

/** The server gave up for a time that the connection set, or because somebody told it to: nothing was done. */
export const isGivenUp = (error: unknown): boolean => /^(55P03|57014)$/.test(stateOf(error) ?? '');

/**
 * The server was not there, went away, ran out of something or gave up (SQLSTATE 08, 40, 53, 55, 57 and 58, or none): the
 * same statement may go through later.
 */
export function isOutage(error: unknown): boolean {
  const state = stateOf(error);
  if (state === undefined) return !(error instanceof TypeError);
  // A protocol violation is a mistake of ours.
  return state !== '08P01' && /^(08|40|53|55|57|58)/.test(state);
}

export const isCheckViolation = (error: unknown): boolean => stateOf(error) === '23514';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
