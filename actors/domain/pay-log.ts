// One log row a paid payment, however often it is told.
import { accept, unchanged, type Decider } from './decision';
import { ok } from './envelope';
import type { OrderId, PayId } from './ids';
import type { Money } from './money';

export interface WritePayLog {
  readonly type: 'WritePayLog';
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
}

export interface PayLogged {
  readonly type: 'PayLogged';
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
}

export interface PayLog {
  readonly payId: PayId;
}

export const payLogDecider: Decider<PayLog, WritePayLog, PayLogged, never> = {
  decide: (command, log) =>
    log
      ? unchanged(ok({}))
      : accept(
          [{ type: 'PayLogged', payId: command.payId, orderId: command.orderId, amount: command.amount }],
          ok({}),
        ),
  evolve: (_log, fact) => ({ payId: fact.payId }),
  recordKey: () => undefined,
  /** Hardly any payment is told of twice, and then the commit finds its row. */
  begins: (_command, attempt) => attempt === 1,
  settled: () => undefined,
};
