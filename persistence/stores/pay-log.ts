// The payment log: one row a paid payment, whoever writes it first.
import type { PayLog, PayLogged } from '../../actors/domain/pay-log';
import type { PayId } from '../../actors/domain/ids';
import type { Store, StoreEntry } from '../../actors/domain/ports/store';
import type { Statement } from '../session';
import { PlainColumns } from './batch-columns';
import type { FlushRow } from './fates';
import { claimArrays, inboxCte } from './inbox-claims';
import { idsAndKeys, ledgerStore, type LedgerStoreParts } from './ledger-store';

const LOAD_PAY_LOGS: Statement = {
  name: 'pay-log-load',
  text: `
  select log.pay_id::text as pay_id from unnest($1::bigint[]) with ordinality as asked(pay_id, place)
  left join lateral (select pay_id from trade_pay_log where pay_id = asked.pay_id limit 1) log on true
  order by asked.place`,
};

interface PayLogRow {
  readonly pay_id: PayId | null;
}

/** $1 payments, $2 orders, $3 amounts, $4 entries, $5 time; then the inbox claims. */
const WRITE_PAY_LOGS: Statement = {
  name: 'pay-log-write',
  text: `
  with given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::int[]) as g(pay_id, order_id, amount, entry)),
  logged as (
    insert into trade_pay_log (pay_id, order_id, pay_amount, log_time)
    select pay_id, order_id, amount, $5::timestamptz from given order by pay_id
    on conflict do nothing returning pay_id),
  outcome as materialized (
    select entry, logged.pay_id is not null as done from given left join logged using (pay_id)),
  ${inboxCte(6, 5)}
  select pay_id::text as id, null::int as entry, null::boolean as done from logged
  union all
  select null, entry, false from outcome where not done`,
};

/** The store of the payment log actors. */
export const createPayLogStore = (parts: LedgerStoreParts): Store<PayLog, PayLogged, never> =>
  ledgerStore<PayLog, PayLogged, never, PayLogRow, FlushRow>(parts, {
    load: (requests) => ({ statement: LOAD_PAY_LOGS, values: idsAndKeys(requests).slice(0, 1) }),
    loaded: ({ pay_id: payId }) => ({ state: payId === null ? undefined : { payId }, recorded: undefined }),
    flush: (entries, now) => ({ statement: WRITE_PAY_LOGS, values: rowsOf(entries, now) }),
    // A log row has nothing more to it than that it is there.
    agrees: () => true,
    keyOf: (id) => id,
  });

function rowsOf(entries: readonly StoreEntry<PayLog, PayLogged>[], now: string): unknown[] {
  const logs = new PlainColumns(4);
  entries.forEach(({ facts }, place) => {
    for (const fact of facts) logs.add(fact.payId, fact.orderId, fact.amount, place);
  });
  return [...logs.arrays(), now, ...claimArrays(entries)];
}
