import { readWish } from './behaviour';

const NOW = 1_000;

test.each([
  [{}, { behaviour: 'well', amount: undefined, callback: { style: 'well', notBefore: NOW } }],
  [{ behaviour: '', delayMs: '', amount: '' }, { behaviour: 'well' }],
  [{ behaviour: 'twice' }, { callback: { style: 'twice', notBefore: NOW } }],
  [{ behaviour: 'late', delayMs: 50 }, { callback: { style: 'well', notBefore: NOW + 50 } }],
  [{ behaviour: 'late', delayMs: '50' }, { callback: { style: 'well', notBefore: NOW + 50 } }],
  [
    { behaviour: 'wrong-amount', amount: '1.5' },
    { amount: '1.50', callback: { style: 'well' } },
  ],
  [{ behaviour: 'bad-signature' }, { callback: { style: 'bad-signature' } }],
  [{ behaviour: 'again' }, { behaviour: 'again', callback: { style: 'well' } }],
  [{ behaviour: 'silent' }, { callback: { style: 'silent' } }],
])('%j is granted', (members, wish) => expect(readWish(members, NOW)).toMatchObject(wish));

test.each([
  [{ behaviour: 'nicely' }, 'behaviour is one of'],
  [{ behaviour: 'constructor' }, 'behaviour is one of'],
  [{ behaviour: 'late' }, 'late needs delayMs'],
  [{ behaviour: 'late', delayMs: -1 }, 'late needs delayMs'],
  [{ behaviour: 'late', delayMs: 'soon' }, 'late needs delayMs'],
  [{ behaviour: 'late', delayMs: 86_400_001 }, 'late needs delayMs'],
  [{ behaviour: 'wrong-amount' }, 'wrong-amount needs an amount'],
  [{ behaviour: 'wrong-amount', amount: '0.00' }, 'wrong-amount needs an amount'],
  [{ behaviour: 'wrong-amount', amount: '-1' }, 'wrong-amount needs an amount'],
  [{ behaviour: 'wrong-amount', amount: '1.001' }, 'wrong-amount needs an amount'],
])('%j is not', (members, why) => expect(readWish(members, NOW)).toContain(why));
