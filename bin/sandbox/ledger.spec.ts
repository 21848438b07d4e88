import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from './ledger';

const PAYMENT = { payId: '7', orderId: '70', amount: '12.50', notifyUrl: undefined };
const WELL = { style: 'well', notBefore: 0 } as const;

let folder: string;
let path: string;
const open: Ledger[] = [];
const ledger = (): Ledger => {
  const opened = new Ledger(path);
  open.push(opened);
  return opened;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  path = join(folder, 'ledger.jsonl');
});
afterEach(() => {
  for (const one of open.splice(0)) one.end();
  rmSync(folder, { recursive: true });
});

test('what was recorded is there again when the file is opened again', () => {
  const first = ledger();
  first.make(PAYMENT);
  first.make({ ...PAYMENT, payId: '8' });
  const told = first.pay('7', '12.50', WELL);
  const untold = first.pay('7', '12.50', WELL);
  first.acknowledge(told.transactionId);
  first.refund(untold.transactionId, '12.50');
  first.close('8');

  const second = ledger();
  expect(second.payment('7')).toEqual(first.payment('7'));
  expect(second.payment('8')).toMatchObject({ closed: true, transactions: [] });
  expect(second.transaction(untold.transactionId)).toMatchObject({ refunded: '12.50', acknowledged: false });
  expect(second.unacknowledged().map((one) => one.transactionId)).toEqual([untold.transactionId]);
});

test('repeats write nothing, and other content under the same payId is a conflict', () => {
  const book = ledger();
  const payment = book.make(PAYMENT);
  const { transactionId } = book.pay('7', '12.50', WELL);
  book.acknowledge(transactionId);
  book.refund(transactionId, '1.00');
  const before = readFileSync(path, 'utf8');

  expect(book.make(PAYMENT)).toBe(payment);
  expect(book.make({ ...PAYMENT, amount: '12.51' })).toBe('conflict');
  expect(book.make({ ...PAYMENT, orderId: '71' })).toBe('conflict');
  book.acknowledge(transactionId);
  book.refund(transactionId, '1.00');
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a paid payment does not close', () => {
  const book = ledger();
  book.make(PAYMENT);
  book.pay('7', '12.50', WELL);
  expect(book.close('7').closed).toBe(false);
});

test('every torn last line is as if it had never been begun, and what follows is not glued to it', () => {
  const whole = ledger();
  whole.make(PAYMENT);
  const kept = readFileSync(path, 'utf8');
  whole.pay('7', '12.50', WELL);
  const torn = readFileSync(path).subarray(Buffer.byteLength(kept));

  for (let length = 0; length < torn.length; length++) {
    writeFileSync(path, kept);
    appendFileSync(path, torn.subarray(0, length));
    const book = ledger();
    expect(book.payment('7')).toMatchObject({ amount: '12.50', transactions: [] });
    book.pay('7', '12.50', WELL);
    expect(ledger().payment('7')?.transactions).toHaveLength(1);
  }
});

test.each(['{"type":"closed"', '{"type":"closed","payId":"none"}', '{"type":"hidden"}'])(
  'the line %s before the last is no accident: the ledger does not open',
  (line) => {
    writeFileSync(path, `${line}\n{"type":"made"}\n`);
    expect(() => new Ledger(path)).toThrow(/ledger.jsonl, line 1, cannot be read/);
  },
);

test('it says when it is full, and reads back what it has all the same', () => {
  const small = new Ledger(path, 2);
  open.push(small);
  small.make(PAYMENT);
  expect(small.isFull).toBe(false);
  small.pay(PAYMENT.payId, '12.50', WELL);
  expect(small.isFull).toBe(true);
  expect(small.make(PAYMENT)).toMatchObject({ payId: PAYMENT.payId });
  expect(ledger().isFull).toBe(false);
});
