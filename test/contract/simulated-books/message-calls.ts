// What is asked of inbox, outbox, dead letters and the orders that time is up for.
import fc, { type Arbitrary } from 'fast-check';
import type { InboxClaim } from '../../../actors/domain/envelope';
import type { OutboxEvent } from '../../../actors/domain/events';
import type { DeadLetters, Inbox } from '../../../actors/domain/ports/inbox';
import type { OrderIndex } from '../../../actors/domain/ports/order-index';
import type { Outbox, OutboxRow } from '../../../actors/domain/ports/outbox';
import { moments } from './facts';
import { claims, GROUP_NAMES, momentAt, oneOf, some } from './pools';

/** One database's parts. */
export interface MessageParts {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** Queues events that no entity's commit has written. */
  readonly queue: (events: readonly OutboxEvent[], at: string) => Promise<void>;
  readonly letters: DeadLetters;
  readonly orderIndex: OrderIndex;
  /** The ids of the outbox's rows, as many as there are, in their order. */
  readonly outboxIds: () => Promise<readonly string[]>;
}

/** A call that is made on both databases. @returns what is to be the same */
export interface MessageCall {
  readonly name: string;
  readonly run: (parts: MessageParts, at: string) => Promise<unknown>;
}

const limits = some(1, 2, 100);
const FAR = momentAt(1_000_000);

const events: Arbitrary<OutboxEvent> = fc.record({
  producerGroup: oneOf('g'),
  topic: some('orderTopic' as const, 'payTopic' as const),
  tag: some('order_cancel' as const, 'pay_status' as const),
  key: oneOf('101', '102'),
  body: some<Record<string, unknown>>({ orderId: '101' }, { quotes: '" and \0' }),
});

/** Ids differ from one database to the other, so rows are known by their places. */
async function shown(parts: MessageParts, rows: readonly OutboxRow[]): Promise<unknown> {
  const ids = await parts.outboxIds();
  return rows.map(({ id, ...row }) => ({ place: ids.indexOf(id), ...row }));
}

async function chosen(parts: MessageParts, places: readonly number[]): Promise<readonly string[]> {
  const ids = await parts.outboxIds();
  return places.flatMap((place) => ids[place] ?? []);
}

const call = <Input>(
  name: string,
  inputs: Arbitrary<Input>,
  run: (parts: MessageParts, input: Input, at: string) => Promise<unknown>,
): Arbitrary<MessageCall> =>
  inputs.map((input) => ({
    name: `${name}(${JSON.stringify(input)})`,
    run: (parts, at) => run(parts, input, at),
  }));

const keyOf = ({ group, tag, key }: InboxClaim) => ({ group, tag, key });
const places = fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 });
const afterKeys = some(undefined, `${GROUP_NAMES[0]}|order_cancel|101`);
const pages = fc.record({ limit: limits, after: afterKeys });
const attempts = fc.record({ claim: claims, attempt: fc.integer({ min: 1, max: 4 }) });

const INBOX_CALLS = [
  ...[0, 1].map(() => call('claim', claims, ({ inbox }, claim, at) => inbox.claim(claim, at))),
  call('keep', claims, ({ inbox }, claim, at) => inbox.keep(keyOf(claim), at)),
  call('unclaim', claims, ({ inbox }, claim) => inbox.unclaim(keyOf(claim))),
  call('fail', attempts, ({ inbox }, { claim, attempt }, at) => inbox.fail(claim, attempt, 'why \0', at)),
  ...[0, 1, 2].map(() =>
    call('park', claims, ({ inbox }, claim, at) => inbox.park(claim, 'x'.repeat(2_001), at)),
  ),
  call('finish', claims, ({ inbox }, claim, at) => inbox.finish(claim, at)),
  call('withdraw', claims, ({ inbox }, claim) => inbox.withdraw(keyOf(claim))),
  call('states', claims, async ({ inbox }, { group, tag, key }) => {
    const states = await inbox.states(group, tag, [key, '101', '102', key]);
    return [...states].sort();
  }),
];

const OUTBOX_CALLS = [
  call('queue', fc.array(events, { maxLength: 3 }), ({ queue }, some, at) => queue(some, at)),
  call(
    'unsent',
    fc.record({ before: fc.oneof(moments, fc.constant(FAR)), limit: limits }),
    async (parts, input) => shown(parts, await parts.outbox.unsent(input.before, input.limit)),
  ),
  call(
    'sent',
    fc.record({ place: fc.option(fc.nat({ max: 3 })), limit: limits }),
    async (parts, { place, limit }) => {
      const [after = '0'] = place === null ? [] : await chosen(parts, [place]);
      return shown(parts, await parts.outbox.sent(after, limit));
    },
  ),
  ...[0, 1].map(() =>
    call('markSent', places, async (parts, some, at) => parts.outbox.markSent(await chosen(parts, some), at)),
  ),
  call('toSettle', limits, async (parts, limit) => shown(parts, await parts.outbox.toSettle(limit))),
  call('sendAgain', places, async (parts, some) => parts.outbox.sendAgain(await chosen(parts, some))),
  call('remove', places, async (parts, some) => parts.outbox.remove(await chosen(parts, some))),
  call(
    'replay',
    fc.record({ topic: some('orderTopic' as const, 'payTopic' as const), key: some(undefined, '101') }),
    ({ outbox }, { topic, key }) => outbox.replay(topic, key),
  ),
  call('outbox.counts', fc.constant(undefined), ({ outbox }) => outbox.counts()),
];

const LETTER_CALLS = [
  call('list', pages, ({ letters }, { limit, after }) => letters.list(limit, after)),
  call('retrying', pages, ({ letters }, { limit, after }) => letters.retrying(limit, after)),
  // One at a time: in which order several are queued at once is the server's to choose.
  ...[0, 1].map(() => call('redrive', claims, ({ letters }, claim, at) => letters.redrive(keyOf(claim), at))),
  call('letters.count', fc.constant(undefined), ({ letters }) => letters.count()),
];

const shards = fc.subarray([0, 1, 2], { minLength: 1 });
const orderPages = fc.record({ after: some('-1', '0', '101'), limit: limits });

const INDEX_CALLS = [
  call('unfinished', fc.record({ shards, due: moments, page: orderPages }), ({ orderIndex }, input) =>
    orderIndex.unfinished(new Map(input.shards.map((shard) => [shard, input.due])), input.page),
  ),
  call(
    'expired',
    fc.record({ shards, now: moments, paying: fc.boolean(), page: orderPages }),
    ({ orderIndex }, { shards: of, now, paying, page }) => orderIndex.expired(of, now, paying, page),
  ),
];

export const messageCalls: Arbitrary<MessageCall> = fc.oneof(
  ...INBOX_CALLS,
  ...OUTBOX_CALLS,
  ...LETTER_CALLS,
  ...INDEX_CALLS,
);
