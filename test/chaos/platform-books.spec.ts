import type { Payment, Transaction } from '../../bin/sandbox/ledger';
import { differencesOf, type BookedRow } from './platform-books';

const transaction = (changes: Partial<Transaction> = {}): Transaction => ({
  transactionId: 'T',
  payId: '9',
  amount: '20.00',
  callback: { style: 'well', notBefore: 0 },
  acknowledged: true,
  refunded: undefined,
  ...changes,
});

const payment = (...transactions: Transaction[]): Payment => ({
  payId: '9',
  orderId: '1',
  amount: '20.00',
  notifyUrl: undefined,
  transactions,
  closed: false,
});

const row = (changes: Partial<BookedRow> = {}): BookedRow => ({
  transactionId: 'T',
  payId: '9',
  amount: '20.00',
  state: 'booked',
  ...changes,
});

const BACK = { refunded: '20.00' };
const AGAIN = transaction({ transactionId: 'U', ...BACK });

it.each<[string, Payment, BookedRow[]]>([
  ['booked', payment(transaction()), [row()]],
  ['refunded', payment(transaction(BACK)), [row({ state: 'refunded' })]],
  [
    'booked once and refunded once',
    payment(transaction(), AGAIN),
    [row(), row({ transactionId: 'U', state: 'refunded' })],
  ],
  [
    'found without a callback',
    payment(transaction({ acknowledged: false, callback: { style: 'silent', notBefore: 0 } })),
    [row()],
  ],
  ['not paid', payment(), []],
])('has nothing to say of a payment that is %s', (_, platform, shop) => {
  expect(differencesOf([platform], shop)).toEqual([]);
});

it.each<[string, Payment, BookedRow[]]>([
  ['acknowledged, and unknown to the shop', payment(transaction()), []],
  ['never acknowledged', payment(transaction({ acknowledged: false })), [row()]],
  ['another amount', payment(transaction()), [row({ amount: '2.00' })]],
  ["another payment's", payment(transaction()), [row({ payId: '8' })]],
  ['booked and sent back', payment(transaction(BACK)), [row()]],
  ['refunded and not sent back', payment(transaction()), [row({ state: 'refunded' })]],
  ['refunded in part', payment(transaction({ refunded: '2.00' })), [row({ state: 'refunded' })]],
  ['still due', payment(transaction()), [row({ state: 'refund due' })]],
  ['unknown to the platform', payment(), [row()]],
  ['booked twice', payment(transaction(), AGAIN), [row(), row({ transactionId: 'U' })]],
])('finds out when a transaction is %s', (_, platform, shop) => {
  expect(differencesOf([platform], shop).length).toBeGreaterThan(0);
});
