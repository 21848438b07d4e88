// A paid payment has one log row, however often it is told.
import { money } from '../../actors/domain/money';
import { payLogDecider, type PayLog, type PayLogged } from '../../actors/domain/pay-log';
import { createPayLogStore } from '../../persistence/stores/pay-log';
import { claimOf, no, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const entries = stagingOf<PayLog, PayLogged>(payLogDecider);
const logged = (payId: string): PayLogged => ({
  type: 'PayLogged',
  payId: no(payId),
  orderId: no('1'),
  amount: money('12.50'),
});
const write = (payId: string, key = payId) =>
  entries(payId, undefined, { facts: [logged(payId)], inbox: claimOf(key) });

onBothDatabases((database) => {
  const store = () => createPayLogStore({ writer: database(), reader: database(), now: () => NOW });

  it('is written once, with its inbox row (R11)', async () => {
    expect(await store().write([...write('5'), ...write('6')])).toEqual(['applied', 'applied']);
    expect(await store().write([...write('5', 'other'), ...write('7')])).toEqual(['conflict', 'applied']);
    const rows = await runSql(
      database(),
      'select pay_id, order_id, pay_amount from trade_pay_log where pay_id = 5',
    );
    expect(rows).toEqual([{ pay_id: '5', order_id: '1', pay_amount: '12.50' }]);
    const inbox = await runSql<{ msg_key: string }>(
      database(),
      'select msg_key from trade_mq_consumer_log order by 1',
    );
    expect(inbox.map((row) => row.msg_key)).toEqual(['5', '6', '7']);
  });

  it('finds what is written', async () => {
    await store().write(write('5'));
    expect(await store().load([{ id: '6' }, { id: '5' }])).toEqual([
      { state: undefined, recorded: undefined },
      { state: { payId: '5' }, recorded: undefined },
    ]);
  });

  it('writes only the inbox row of what is a repeat, and nothing for an empty batch', async () => {
    const repeat = entries('5', { payId: no('5') }, { facts: [], inbox: claimOf('5') });
    expect(await store().write(repeat)).toEqual(['applied']);
    expect(await store().write([])).toEqual([]);
    const counts = await runSql(
      database(),
      `select (select count(*)::int from trade_pay_log) as logs, (select count(*)::int from trade_mq_consumer_log) as claims`,
    );
    expect(counts).toEqual([{ logs: 0, claims: 1 }]);
  });

  it('keeps repeats of one payment apart (R5)', () => {
    expect(write('5').flatMap((entry) => store().conflictKeys(entry))).toEqual([
      '5',
      'inbox:some_group:order_cancel:5',
    ]);
  });
});
