import { ok, refused, retry } from '../actors/domain/envelope';
import { answerOf, askOf, envelopeOf, itemsOf, pack } from './codec';

const fine = {
  kind: 'order',
  id: '345959443973935104',
  shard: 0,
  command: { type: 'FindOrder' },
  key: 'k',
  attempt: 1,
};
const claim = { group: 'g', tag: 't', key: 'k', messageId: 'm', body: '{}' };
const bytes = (text: string) => Buffer.from(text);

describe('itemsOf', () => {
  it('reads an array, and nothing else', () => {
    expect(itemsOf(bytes('[1,null]'))).toEqual([1, null]);
    for (const poison of ['', '{}', '"[]"', '[1', 'null', '['.repeat(100_000)]) {
      expect(itemsOf(bytes(poison))).toBeUndefined();
    }
    expect(itemsOf(Uint8Array.of(0xff, 0xfe))).toBeUndefined();
  });
});

describe('envelopeOf', () => {
  it('takes an envelope with or without what is optional', () => {
    expect(envelopeOf({ ask: 1, envelope: fine })).toEqual(fine);
    const full = { ...fine, inbox: claim, trace: '00-a-b-01' };
    expect(envelopeOf({ ask: 1, envelope: full })).toEqual(full);
  });

  it.each([
    ['no item', 7],
    ['no envelope', { ask: 1 }],
    ['an array', { ask: 1, envelope: [fine] }],
    ['an unknown kind', { ask: 1, envelope: { ...fine, kind: 'spaceship' } }],
    ['an inherited kind', { ask: 1, envelope: { ...fine, kind: 'toString' } }],
    ['an id that fits no bigint', { ask: 1, envelope: { ...fine, id: '9999999999999999999' } }],
    ['an id that is a number', { ask: 1, envelope: { ...fine, id: 7 } }],
    ['a shard below zero', { ask: 1, envelope: { ...fine, shard: -1 } }],
    ['a shard that is no integer', { ask: 1, envelope: { ...fine, shard: 0.5 } }],
    ['a command without type', { ask: 1, envelope: { ...fine, command: {} } }],
    ['a key that is no text', { ask: 1, envelope: { ...fine, key: null } }],
    ['attempt 0', { ask: 1, envelope: { ...fine, attempt: 0 } }],
    ['half a claim', { ask: 1, envelope: { ...fine, inbox: { ...claim, body: undefined } } }],
    ['a trace that is no text', { ask: 1, envelope: { ...fine, trace: {} } }],
  ])('refuses %s', (_, item) => {
    expect(envelopeOf(item)).toBeUndefined();
  });
});

describe('askOf', () => {
  it('finds the number, whatever the rest is', () => {
    expect(askOf({ ask: 7, envelope: null })).toBe(7);
    for (const item of [null, [], { ask: '7' }, { ask: 0.5 }]) expect(askOf(item)).toBeUndefined();
  });
});

describe('answerOf', () => {
  it('takes what an actor can answer', () => {
    const answers = [ok({ stock: 1 }), refused('SHOP_GOODS_NO_EXIST', true), retry('busy')];
    for (const answer of answers) expect(answerOf({ ask: 1, answer })).toEqual(answer);
  });

  it('refuses anything else', () => {
    const others = [
      undefined,
      'ok',
      { outcome: 'fine' },
      { outcome: 'refused', code: 'NO_SUCH_CODE', invalid: true },
      { outcome: 'refused', code: 'SHOP_FAIL' },
      { outcome: 'retry', reason: 'whim' },
      { outcome: 'fault' },
    ];
    for (const answer of others) expect(answerOf({ ask: 1, answer })).toBeUndefined();
  });
});

describe('pack', () => {
  const packed = (items: readonly unknown[], maxBytes: number) => {
    const messages: string[] = [];
    const refusals: unknown[] = [];
    pack(
      items,
      maxBytes,
      (message) => messages.push(Buffer.from(message).toString()),
      (item) => refusals.push(item),
    );
    return { messages, refusals };
  };

  it('makes one message of what fits, counted in bytes', () => {
    expect(packed(['ü', 'ü'], 11)).toEqual({ messages: ['["ü","ü"]'], refusals: [] });
    expect(packed(['ü', 'ü'], 10)).toEqual({ messages: ['["ü"]', '["ü"]'], refusals: [] });
  });

  it('keeps the order, and refuses only what cannot travel', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(packed(['a', 'much too large', 'b', circular, 'c'], 10)).toEqual({
      messages: ['["a"]', '["b"]', '["c"]'],
      refusals: ['much too large', circular],
    });
    expect(packed([], 10)).toEqual({ messages: ['[]'], refusals: [] });
  });
});
