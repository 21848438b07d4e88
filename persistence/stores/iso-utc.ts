// Times leave the database as the text that they are everywhere else: ISO 8601 in UTC, with milliseconds.

/** `to_char(<expression>) as <alias>`; both stand in the statement as they are, so they must be trusted. */
export const isoUtc = (expression: string, alias = expression): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${alias}`;
