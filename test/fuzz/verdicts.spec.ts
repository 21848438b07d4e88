// A verdict that cannot be 'guilty' is worth nothing: each finds what is planted.
import { toEnvelope } from '../../actors/front-door/reply';
import { Effects } from './effects';
import { told } from './envelope-verdict';
import { FORGED_LINE } from './hostile';
import { wrongInLog } from './log-verdict';
import { changes } from './victims';

describe('an answer', () => {
  test('that is an envelope tells its code', () => {
    expect(told(JSON.stringify(toEnvelope({ code: 'SHOP_ORDER_NO_EXIST' })))).toMatchObject({
      code: 'SHOP_ORDER_NO_EXIST',
      success: false,
    });
  });

  test.each([
    ['a fault of ours', JSON.stringify(toEnvelope({ code: 'SHOP_FAIL' }))],
    ['what could not be saved', JSON.stringify(toEnvelope({ code: 'SHOP_ORDER_SAVE_ERROR' }))],
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['an unknown code', '{"success":false,"code":12345,"message":"","data":null}'],
    ['a success that is none', '{"success":true,"code":-1,"message":"","data":null}'],
    ['an envelope with more in it', '{"success":true,"code":1,"message":"","data":null,"stack":""}'],
  ])('that is %s is wrong', (_what, text) => {
    expect(typeof told(text)).toBe('string');
  });
});

describe('a log', () => {
  const line = (entry: object): string => `${JSON.stringify({ level: 30, msg: 'all is well', ...entry })}\n`;

  test('of what hostile input deserves is right', () => {
    const log = line({}) + line({ level: 50, msg: 'an event does not fit its schema' });
    expect(wrongInLog(log, ['secret'])).toEqual([]);
  });

  test.each([
    ['a forged line', `${line({ msg: 'x' })}${FORGED_LINE}\n`],
    ['a line that is no JSON', `${line({})}Error: out of order\n`],
    ['a secret', line({ token: 'a secret of ours' })],
    ['a fault', line({ level: 50, msg: 'a request failed' })],
    ['an actor that crashed', line({ level: 50, msg: 'an actor crashed and starts anew', id: '5' })],
    ['a command that failed', line({ level: 50, msg: 'a command failed', id: '5' })],
    ['a rejection', line({ level: 40, msg: 'Unhandled rejection' })],
  ])('with %s is wrong', (_what, log) => {
    expect(wrongInLog(log, ['a secret'])).toHaveLength(1);
  });
});

describe('rows', () => {
  const body = JSON.stringify({ userId: 7, requestKey: '1', amount: '5' });
  const row = '7 1 5.00';

  test.each([
    ['answered with success and there', 'yes', [row], 0],
    ['answered with success and not there', 'yes', [], 1],
    ['without a verdict and there', 'unknown', [row], 0],
    ['without a verdict and not there', 'unknown', [], 0],
    ['refused and there', 'no', [row], 1],
    ['refused and not there', 'no', [], 0],
  ] as const)('%s', (_what, outcome, rows, wrong) => {
    const effects = new Effects();
    effects.note('wallet.recharge', body, outcome);
    expect(effects.compare('wallet.recharge', rows)).toHaveLength(wrong);
  });

  test('that nobody asked for are wrong', () => {
    expect(new Effects().compare('goods.restock', ['1 2 3'])).toHaveLength(1);
  });
});

test('a victim that has changed is seen', () => {
  expect(changes('{\n "money": 1\n}', '{\n "money": 1\n}')).toEqual([]);
  expect(changes('{\n "money": 1\n}', '{\n "money": 0\n}')).toHaveLength(1);
});
