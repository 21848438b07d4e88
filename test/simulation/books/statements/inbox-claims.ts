// The CTE `inbox`: a consumption is recorded as done with the effect that it needs (R11).
import type { Instant } from '../../../../actors/domain/envelope';
import { groupsOf, type Tag } from '../../../../actors/domain/events';
import { batch, text, textOrNull } from '../batch';
import type { ConsumerRow, ProducerRow } from '../rows';
import { SqlError } from '../sql-error';
import { keyOf, type ShopTables } from '../tables';

const CLAIMS = batch({
  effect: textOrNull,
  group_name: text,
  msg_tag: text,
  msg_key: text,
  msg_id: text,
  msg_body: text,
});

/**
 * @param first the number of the first of the parameters of `claimArrays`
 * @param isEffective whether an effect is one of the statement's
 */
export function writeClaims(
  { inbox }: ShopTables,
  values: readonly unknown[],
  first: number,
  at: Instant,
  isEffective: (effect: string) => boolean,
): void {
  const claims = CLAIMS.rows(values, first);
  record(
    inbox,
    claims
      .filter(({ effect }) => effect === null || isEffective(effect))
      .map(({ effect: _effect, ...claim }) => claim),
    at,
  );
}

/** What is done is all that the groups of these events would do. */
export const recordGroups = (
  { inbox }: ShopTables,
  events: readonly Pick<ProducerRow, 'msg_tag' | 'msg_key' | 'msg_body'>[],
  tag: Tag,
  at: Instant,
): void =>
  record(
    inbox,
    events.flatMap(({ msg_tag, msg_key, msg_body }) =>
      groupsOf(tag).map(({ name }) => ({
        group_name: name,
        msg_tag,
        msg_key,
        msg_id: `${msg_tag}:${msg_key}`,
        msg_body,
      })),
    ),
    at,
  );

type Claim = Pick<ConsumerRow, 'group_name' | 'msg_tag' | 'msg_key' | 'msg_id' | 'msg_body'>;

function record(inbox: ShopTables['inbox'], claims: readonly Claim[], at: Instant): void {
  const written = new Set<string>();
  for (const claim of claims) {
    const key = keyOf(claim.group_name, claim.msg_tag, claim.msg_key);
    if (written.has(key)) throw new SqlError('21000', 'cannot affect row a second time');
    written.add(key);
    const standing = inbox.get(key);
    if (standing?.consumer_status === 1) continue;
    const done = { consumer_status: 1, consumer_timestamp: at, remark: '' } as const;
    const times = Math.max(1, standing?.consumer_times ?? 1);
    inbox.replace({ ...(standing ?? claim), ...done, consumer_times: times });
  }
}
