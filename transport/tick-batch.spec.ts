import { TickBatch } from './tick-batch';

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

async function fourTurns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await aTurn();
}

describe('TickBatch', () => {
  let delivered: [string, readonly number[]][];
  let batch: TickBatch<number>;

  beforeEach(() => {
    delivered = [];
    batch = new TickBatch((address, items) => delivered.push([address, items]));
  });

  it('delivers what four ticks add together, by address', async () => {
    batch.add('a', 1);
    batch.add('b', 2);
    for (let turn = 0; turn < 3; turn += 1) await aTurn();
    batch.add('a', 3);
    expect(delivered).toEqual([]);
    await aTurn();
    expect(delivered).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
  });

  it('delivers what is added while it delivers with the next ticks', async () => {
    batch = new TickBatch((address, items) => {
      if (delivered.push([address, items]) === 1) batch.add('a', 2);
    });
    batch.add('a', 1);
    batch.flush();
    expect(delivered).toEqual([['a', [1]]]);
    await fourTurns();
    expect(delivered).toHaveLength(2);
  });

  it('delivers once what was flushed', async () => {
    batch.add('a', 1);
    batch.flush();
    batch.flush();
    await fourTurns();
    expect(delivered).toEqual([['a', [1]]]);
  });
});
