import type { Envelope, Kind } from '../actors/domain/envelope';
import { id, type GoodsId } from '../actors/domain/ids';
import type { JointCommitter } from '../actors/domain/joint';
import { createJointSteps } from './joint-steps';
import type { Lent, ShardRegion } from './shard-region';

const goodsId = id<GoodsId>('7');
const command = { type: 'TakeStock', orderId: '1', quantity: 1 };
const envelope: Envelope = { kind: 'goods', id: goodsId, shard: 3, command, key: '1', attempt: 1 };

test('R9: an actor whose shard is lost while it is loaded takes nothing any more', () => {
  const consider = jest.fn();
  let isLoaded = (): void => undefined;
  const lent: Pick<Lent, 'warm' | 'consider'> = {
    consider,
    warm: (loaded) => {
      isLoaded = loaded;
      return true;
    },
  };
  const delivered: Envelope[] = [];
  let isHeld = true;
  const goods: Pick<ShardRegion, 'lend' | 'deliver'> = {
    lend: () => (isHeld ? (lent as Lent) : undefined),
    deliver: (given) => void delivered.push(given),
  };
  const stage = jest.fn();
  const committer: Pick<JointCommitter, 'isOpen' | 'stage'> = { isOpen: () => true, stage };
  const deliver = createJointSteps({
    regions: { goods } as unknown as Readonly<Record<Kind, ShardRegion>>,
    committer: committer,
    clock: { later: () => () => undefined } as never,
  });
  deliver(envelope, () => undefined);
  isHeld = false;
  isLoaded();
  expect([consider.mock.calls, stage.mock.calls, delivered]).toEqual([[], [], [envelope]]);
});
