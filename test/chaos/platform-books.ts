// The platform is another company with books of its own: what it took and did not send back is exactly what the shop
// has booked, payment by payment.
import { add, money, subtract, ZERO, type Money } from '../../actors/domain/money';
import type { Payment, Transaction } from '../../bin/sandbox/ledger';

/** A transaction as the shop has it. */
export interface BookedRow {
  readonly transactionId: string;
  readonly payId: string;
  readonly amount: string;
  readonly state: string;
}

/** @returns a line for each difference, once nothing is under way any more */
export function differencesOf(platform: Iterable<Payment>, shop: readonly BookedRow[]): readonly string[] {
  const rows = new Map(shop.map((row) => [row.transactionId, row]));
  const differences: string[] = [];
  for (const { payId, orderId, transactions } of platform) {
    let kept: Money = ZERO;
    let booked: Money = ZERO;
    for (const one of transactions) {
      const row = rows.get(one.transactionId);
      rows.delete(one.transactionId);
      kept = add(kept, subtract(money(one.amount), money(one.refunded ?? '0')));
      if (row?.state === 'booked') booked = add(booked, money(row.amount));
      const wrong = wrongOf(one, row);
      if (wrong !== undefined)
        differences.push(`transaction ${one.transactionId} of payment ${payId}, order ${orderId}, ${wrong}`);
    }
    if (kept !== booked)
      differences.push(`the platform keeps ${kept} for payment ${payId}, and the shop has booked ${booked}`);
  }
  for (const { transactionId, payId } of rows.values())
    differences.push(
      `the shop knows transaction ${transactionId} of payment ${payId}, the platform does not`,
    );
  return differences;
}

function wrongOf(
  { payId, amount, refunded, acknowledged, callback }: Transaction,
  row: BookedRow | undefined,
): string | undefined {
  if (!row)
    return `${acknowledged ? 'was acknowledged and ' : ''}is not known to the shop (${callback.style})`;
  if (row.payId !== payId) return `is of payment ${row.payId} at the shop`;
  if (money(row.amount) !== money(amount))
    return `is ${amount} at the platform and ${row.amount} at the shop`;
  if (!acknowledged && callback.style !== 'silent') return 'was never acknowledged';
  if (row.state === 'refunded')
    return refunded === undefined || money(refunded) !== money(amount)
      ? `is refunded at the shop, and the platform sent back ${refunded ?? 'nothing'}`
      : undefined;
  if (row.state === 'booked')
    return refunded === undefined
      ? undefined
      : `is booked at the shop, and the platform sent back ${refunded}`;
  return `is ${row.state}`;
}
