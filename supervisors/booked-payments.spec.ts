import { id, type PayId } from '../actors/domain/ids';
import type { Clock, Router } from '../actors/domain/ports';
import { BookedPayments } from './booked-payments';
import { payStatusHandlers } from './handlers/pay-status';

const payId = (number: number): PayId => id(String(number));
const claim = { group: 'g', tag: 'pay_status', key: '1', messageId: 'm', body: '{}' };

test('the oldest are forgotten', () => {
  const booked = new BookedPayments();
  for (let number = 1; number <= 20_001; number += 1) booked.add(payId(number));
  expect([1, 2, 20_001].map((number) => booked.has(payId(number)))).toEqual([false, true, true]);
});

describe.each(['order', 'user', 'log'] as const)('the %s group', (group) => {
  const asked: string[] = [];
  const router: Router = {
    ask: ({ command }) => {
      asked.push(command.type);
      return Promise.resolve({ outcome: 'retry', reason: 'busy' });
    },
  };
  const booked = new BookedPayments();
  const handler = payStatusHandlers(router, {} as Clock, booked)[`pay_payTopic_${group}_group`];
  beforeEach(() => (asked.length = 0));

  test('asks nobody about a payment that it knows to be booked with all that follows', async () => {
    booked.add(payId(1));
    const resolution = await handler.resolve({ payId: '1' });
    if (resolution.resolved !== 'parts') throw new Error(resolution.resolved);
    expect(resolution.parts.map(({ key }) => key)).toEqual(['1']);
    expect(await resolution.parts[0]?.run(claim, 1)).toEqual({ part: 'done' });
    expect(asked).toEqual([]);
  });

  test('asks the payment about every other', async () => {
    expect(await handler.resolve({ payId: '2' })).toEqual({ resolved: 'wait', reason: 'busy' });
    expect(asked).toEqual(['FindPayment']);
  });
});
