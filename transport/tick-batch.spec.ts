import { TickBatch } from './tick-batch';

const tickEnd = () => new Promise((resolve) => setImmediate(resolve));

describe('TickBatch', () => {
  let delivered: [string, readonly number[]][];
  let batch: TickBatch<number>;

  beforeEach(() => {
    delivered = [];
    batch = new TickBatch((address, items) => delivered.push([address, items]));
  });

  it('delivers what one tick adds together, by address', async () => {
    batch.add('a', 1);
    batch.add('b', 2);
    await Promise.resolve();
    batch.add('a', 3);
    expect(delivered).toEqual([]);
    await tickEnd();
    expect(delivered).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
  });

  it('delivers what is added while it delivers with the next tick', async () => {
    batch = new TickBatch((address, items) => {
      if (delivered.push([address, items]) === 1) batch.add('a', 2);
    });
    batch.add('a', 1);
    batch.flush();
    expect(delivered).toEqual([['a', [1]]]);
    await tickEnd();
    expect(delivered).toHaveLength(2);
  });

  it('delivers once what was flushed', async () => {
    batch.add('a', 1);
    batch.flush();
    batch.flush();
    await tickEnd();
    expect(delivered).toEqual([['a', [1]]]);
  });
});
