// What an error of the database means to those who write.

const stateOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
};

/** Data exceptions and broken constraints (SQLSTATE 22 and 23): the statement is at fault, not the connection. */
export const isRefusedByDatabase = (error: unknown): boolean => /^2[23]/.test(stateOf(error) ?? '');

export const isCheckViolation = (error: unknown): boolean => stateOf(error) === '23514';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
