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

/** Somebody else has locked a row for longer than this connection waits. */
export const isLockedByOthers = (error: unknown): boolean => stateOf(error) === '55P03';

export const isCheckViolation = (error: unknown): boolean => stateOf(error) === '23514';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
