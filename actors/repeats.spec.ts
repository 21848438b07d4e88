import { isCollected } from '../test/helpers/memory';
import { id, type GoodsId } from './domain/ids';
import { Repeats } from './repeats';
import { requestOf, type Request } from './request';

type Command = { readonly type: string };
type Row = { readonly quantity: number };

const envelope = (key: string) => ({
  ...{ kind: 'goods', id: id<GoodsId>('7'), shard: 0, key, attempt: 2 },
  command: { type: key },
});
const repeatOf = (key: string): Request<Command, Row> => requestOf(envelope(key) as never, () => undefined);

const scene = () => new Repeats<Command, Row>({ recordKey: (command) => command.type });
/** A commit that comes and goes. */
const commit = (repeats: Repeats<Command, Row>, key: string): { settlement: unknown } => {
  const settled: { settlement: unknown } = { settlement: undefined };
  repeats.begun(key, settled);
  settled.settlement = 'applied';
  repeats.settled(key);
  return settled;
};

test('R8: a row that was read before the commit of the first settled is given up, also after very many others', () => {
  const repeats = scene();
  const waiting = [repeatOf('mine')];
  repeats.lacking(waiting).take([undefined]);
  commit(repeats, 'mine');
  for (let other = 0; other < 5_000; other += 1) {
    commit(repeats, `other ${other}`);
    repeats.forgetSettled(waiting);
  }
  const [mine] = waiting as [Request<Command, Row>];
  expect(repeats.isAheadOfItsRow(mine)).toBe(false);
  expect(repeats.lacksRow(mine)).toBe(true);
  repeats.lacking(waiting).take([{ quantity: 1 }]);
  expect(repeats.isAheadOfItsRow(mine)).toBe(false);
  expect(repeats.lacksRow(mine)).toBe(false);
});

test('what has settled is let go of, though somebody always waits', async () => {
  const repeats = scene();
  const waiting = [repeatOf('mine')];
  const first = new WeakRef(commit(repeats, 'first'));
  for (let other = 0; other < 5_000; other += 1) {
    commit(repeats, `other ${other}`);
    repeats.forgetSettled(waiting);
  }
  expect(await isCollected(first)).toBe(true);
  expect(repeats.lacksRow(waiting[0] as Request<Command, Row>)).toBe(true);
});
