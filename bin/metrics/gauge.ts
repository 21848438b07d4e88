// Gauges of one registry, read whenever the metrics are asked for.
import { Gauge, type Registry } from 'prom-client';
import { KINDS, type Kind } from '../../actors/domain/envelope';

export interface Gauges {
  readonly single: (name: string, help: string, read: () => number) => void;
  readonly perKind: (name: string, help: string, read: (kind: Kind) => number) => void;
}

export function gaugesIn(registry: Registry): Gauges {
  const registers = [registry];
  return {
    single: (name, help, read) => {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
    },
    perKind: (name, help, read) => {
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: ['kind'],
        registers,
        collect: () => KINDS.forEach((kind) => gauge.set({ kind }, read(kind))),
      });
    },
  };
}
