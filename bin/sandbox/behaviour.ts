// How the platform misbehaves when the payer asks it to, so that a merchant can see what it does then.
import { readAmount } from './amount';

/** What a payer may ask for. `well` is a platform as one would wish it. */
export const BEHAVIOURS = {
  well: 'one callback, repeated until it is acknowledged',
  twice: 'the same callback twice at once',
  late: 'the callback comes only after delayMs',
  'wrong-amount': 'another amount is paid than was asked for: give it as amount',
  'bad-signature': 'the first callback is wrongly signed, its repeats are right',
  again: 'a second transaction for the same payment: the customer pays twice',
  silent: 'no callback at all: only a query tells',
} as const;

export type Behaviour = keyof typeof BEHAVIOURS;

/** How one transaction's callback is sent. */
export interface CallbackPlan {
  readonly style: 'well' | 'twice' | 'bad-signature' | 'silent';
  /** The moment before which nothing is sent, in ms since 1970. */
  readonly notBefore: number;
}

export interface Wish {
  readonly behaviour: Behaviour;
  readonly callback: CallbackPlan;
  /** What is paid instead of what was asked for. */
  readonly amount: string | undefined;
}

const MOST_DELAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads a payer's wish from the members of a query, a form or a JSON body.
 * @returns a sentence saying what is wrong, if it cannot be granted
 */
export function readWish(members: Readonly<Record<string, unknown>>, now: number): Wish | string {
  const behaviour = given(members['behaviour']) ?? 'well';
  if (!isBehaviour(behaviour)) return `behaviour is one of ${Object.keys(BEHAVIOURS).join(', ')}`;
  const delayMs = behaviour === 'late' ? Number(given(members['delayMs'])) : 0;
  if (!(delayMs >= 0 && delayMs <= MOST_DELAY_MS)) return `late needs delayMs, from 0 to ${MOST_DELAY_MS}`;
  const amount = behaviour === 'wrong-amount' ? readAmount(given(members['amount']) ?? '') : undefined;
  if (behaviour === 'wrong-amount' && amount === undefined)
    return 'wrong-amount needs an amount, e.g. "0.01"';
  return { behaviour, amount, callback: { style: styleOf(behaviour), notBefore: now + delayMs } };
}

/** Empty form fields count as not given. */
const given = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;

const isBehaviour = (text: string): text is Behaviour => Object.hasOwn(BEHAVIOURS, text);

function styleOf(behaviour: Behaviour): CallbackPlan['style'] {
  switch (behaviour) {
    case 'twice':
    case 'bad-signature':
    case 'silent':
      return behaviour;
    case 'well':
    case 'late':
    case 'wrong-amount':
    case 'again':
      return 'well';
  }
}
