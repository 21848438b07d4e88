// Counters of one registry.
import { Counter, type Registry } from 'prom-client';

/** @returns what makes a counter there; labels must have few values, so no ids */
export const counterIn =
  (registry: Registry) =>
  (name: string, help: string, ...labelNames: string[]): Counter =>
    new Counter({ name, help, labelNames, registers: [registry] });
