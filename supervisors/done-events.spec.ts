import { DoneEvents } from './done-events';

const bodyOf = (number: number) => ({ payId: String(number), isPaid: true });
const committed = (number: number) => ({
  event: {
    producerGroup: 'g',
    topic: 'payTopic' as const,
    tag: 'pay_status' as const,
    key: '1',
    body: bodyOf(number),
  },
});
const delivered = (number: number, tag = 'pay_status') => ({ tag, body: JSON.stringify(bodyOf(number)) });

test('an event is known by its tag and its body, to the letter', () => {
  const done = new DoneEvents();
  done.add([committed(1), committed(2)]);
  expect([1, 2, 3].map((number) => done.take(delivered(number)))).toEqual([true, true, false]);
  expect(done.take(delivered(1, 'pay_refund'))).toBe(false);
  expect(done.take({ tag: 'pay_status', body: `${delivered(1).body} ` })).toBe(false);
});

test('the oldest are forgotten', () => {
  const done = new DoneEvents();
  for (let number = 1; number <= 20_001; number += 1) done.add([committed(number)]);
  expect([1, 2, 20_001].map((number) => done.take(delivered(number)))).toEqual([false, true, true]);
});

test('an event is forgotten when as many deliveries have come as there are groups', () => {
  const done = new DoneEvents();
  done.add([committed(1), committed(2)]);
  expect([1, 1, 1, 1, 2].map((number) => done.take(delivered(number)))).toEqual([
    true,
    true,
    true,
    false,
    true,
  ]);
});
