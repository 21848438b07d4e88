import { Tables1700000000001 } from './0001-tables';

/** In the order in which they run; only ever added to. */
export const MIGRATIONS = [Tables1700000000001];
