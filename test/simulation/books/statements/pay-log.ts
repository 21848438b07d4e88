// The statements of persistence/stores/pay-log.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { amount, batch, int, text } from '../batch';
import type { ShopTables } from '../tables';
import { writeClaims } from './inbox-claims';
import { isDone, unexpected } from './outcome';
import type { Statements } from './statement';

const ASKED = batch({ pay_id: text });
const GIVEN = batch({ pay_id: text, order_id: text, pay_amount: amount, entry: int });

const [TIME, CLAIMS_FROM] = [5, 6];

const load = ({ payLog }: ShopTables, values: readonly unknown[]): readonly object[] =>
  ASKED.rows(values, 1).map(({ pay_id: payId }) => ({ pay_id: payLog.has(payId) ? payId : null }));

function write(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const at = values[TIME - 1] as Instant;
  const logged: object[] = [];
  const outcomes = GIVEN.rows(values, 1).map(({ entry, ...log }) => {
    const done = tables.payLog.insertOrSkip({ ...log, log_time: at });
    if (done) logged.push({ id: log.pay_id, entry: null, done: null });
    return { entry, done };
  });
  const isEffective = isDone(outcomes);
  writeClaims(tables, values, CLAIMS_FROM, at, (effect) => isEffective(Number(effect)));
  return [...logged, ...unexpected(outcomes)];
}

export const PAY_LOG: Statements = { 'pay-log-load': load, 'pay-log-write': write };
