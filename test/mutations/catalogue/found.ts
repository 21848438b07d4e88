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
  },
];
