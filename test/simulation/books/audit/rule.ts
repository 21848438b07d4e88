// A rule of the books over tables in memory.
import type { ShopTables } from '../tables';

/** @returns what breaks the rule */
export type Rule = (tables: ShopTables) => readonly string[];

export type Rules = Readonly<Record<string, Rule>>;
