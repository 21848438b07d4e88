import type { Payment } from './ledger';
import { messagePage, paymentPage } from './page';

const EVIL = `<script>alert("1")</script>'&`;
const HARMLESS = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;';

const payment = (changes: Partial<Payment> = {}): Payment => ({
  payId: EVIL,
  orderId: EVIL,
  amount: EVIL,
  notifyUrl: undefined,
  transactions: [],
  closed: false,
  ...changes,
});

const transaction = {
  transactionId: EVIL,
  payId: EVIL,
  amount: EVIL,
  callback: { style: 'well', notBefore: 0 },
  acknowledged: true,
  refunded: EVIL,
} as const;

test.each([
  ['open', paymentPage(payment(), { cancelled: false })],
  ['cancelled', paymentPage(payment(), { cancelled: true })],
  ['closed', paymentPage(payment({ closed: true }), { cancelled: false })],
  ['paid', paymentPage(payment({ transactions: [transaction] }), { cancelled: false })],
  ['message', messagePage(EVIL)],
])('values on the %s page are shown and do nothing', (_name, html) => {
  expect(html).toContain(HARMLESS);
  expect(html).not.toContain('<script');
  expect(html).not.toContain(`alert("`);
});

test('only an open payment can be paid', () => {
  expect(paymentPage(payment(), { cancelled: false })).toMatch(/<button>Pay<\/button>.*>Cancel</);
  expect(paymentPage(payment({ closed: true }), { cancelled: false })).not.toContain('<form');
  expect(paymentPage(payment({ transactions: [transaction] }), { cancelled: false })).not.toContain('<form');
});
