// What the simulation and chaos found in the product and can find again: regression tests, however seeds may change.
import type { Mutation } from '../mutation';

export const foundMutations: readonly Mutation[] = [
  {
    name: 'wrong-amount-keeps-the-order',
    breaks: 'promise 6: an order of which only another amount was paid never ends',
    file: 'actors/close-payment.ts',
    find: "!== 'refused') return 'unknown';\n    }\n",
    replace: "!== 'refused') return 'unknown';\n    }\n    return 'paid';\n",
  },
  {
    name: 'payment-left-open-by-a-cancelled-order',
    breaks: 'R13: what is paid for a cancelled order without a callback is never heard of',
    file: 'supervisors/handlers/order-cancel.ts',
    find: 'if (payId !== undefined) {',
    replace: 'if (payId !== undefined && order.status === OrderStatus.refunded) {',
  },
  {
    name: 'payment-made-for-an-ended-order',
    breaks: 'R13: an order that ends while its payment is made cannot close it',
    file: 'actors/front-door/payments.ts',
    find: '    if (refusal) return refusal;\n',
    replace: '',
    unseen: 'no seed of 3,000 finds it; actors/front-door/payments.spec.ts always does',
  },
  {
    name: 'stale-figures-answered',
    breaks: 'R3: an answer tells what the actor believed, and another owner had changed it',
    file: 'actors/entity.ts',
    find: '      // What is stale is committed,',
    replace:
      "      case 'stale':\n        this.answer(pending);\n        return;\n      // What is stale is committed,",
    unseen: 'about one seed in 8,000 finds it; actors/entity.spec.ts always does',
  },
  {
    name: 'one-line-over-ends-the-event',
    breaks: 'R11: an event whose order is silent is acknowledged once its first line is done',
    file: 'supervisors/event-consumer.ts',
    find: 'for (const key of new Set(keys)) {\n      const claim',
    replace: 'for (const key of keys.slice(0, 1)) {\n      const claim',
    unseen: 'about one seed in 10,000 finds it; test/contract/event-consumer.spec.ts always does',
  },
];
