import { RetryableError } from '../actors/domain/errors';
import { tellingOutages } from './telling-outages';

const failing = (error: unknown) =>
  tellingOutages({ query: () => Promise.reject(error as Error) }).query({ name: '', text: '' }, []);
const errorWith = (code: string): Error => Object.assign(new Error('why'), { code });

test.each([
  ['a connection that is refused', errorWith('ECONNREFUSED')],
  ['one that ends', new Error('Connection terminated unexpectedly')],
  ['a pool that has none', new Error('timeout exceeded when trying to connect')],
  ['a server that stops', errorWith('57P01')],
  ['a server that starts', errorWith('57P03')],
  ['a statement that took too long', errorWith('57014')],
  ['too many connections', errorWith('53300')],
])('%s is an outage', async (_what, error) => {
  await expect(failing(error)).rejects.toThrow(RetryableError);
  await expect(failing(error)).rejects.toMatchObject({
    cause: error,
    message: `the database cannot do it now: ${error.message}`,
  });
});

test.each([
  ['a statement that is wrong', errorWith('42601')],
  ['a value that does not fit', errorWith('22003')],
  ['a rule that is broken', errorWith('23514')],
  ['a right that is missing', errorWith('42501')],
  ['a statement with other parameters than it has', errorWith('08P01')],
  ['a mistake of ours', new TypeError('undefined is not a function')],
])('%s is none, and stays as it is', async (_what, error) => {
  await expect(failing(error)).rejects.toBe(error);
});
