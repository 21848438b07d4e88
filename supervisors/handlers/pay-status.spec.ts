import type { Clock } from '../../actors/domain/ports/clock';
import type { Router } from '../../actors/domain/ports/router';
import { payStatusHandlers } from './pay-status';

test.each(['order', 'user', 'log'] as const)(
  'R1: the %s group asks the payment, and waits if it does not answer',
  async (group) => {
    const asked: string[] = [];
    const router: Router = {
      ask: ({ command }) => {
        asked.push(command.type);
        return Promise.resolve({ outcome: 'retry', reason: 'busy' });
      },
    };
    const handler = payStatusHandlers(router, {} as Clock)[`pay_payTopic_${group}_group`];
    expect(await handler.resolve({ payId: '2' })).toEqual({ resolved: 'wait', reason: 'busy' });
    expect(asked).toEqual(['FindPayment']);
  },
);
