// A wallet, one command after the other: money is taken and given back once an order, points once a payment.
import type { WalletCommand } from '../../../actors/domain/wallet';
import { Ledger } from './ledger';
import { no, yes, type Model, type Outcome } from './model';
import type { Verdict } from './operation';

export interface WalletFigures {
  readonly money: string;
  readonly score: number;
}

export interface WalletState {
  /** Money in hundredths, so that it is counted exactly; undefined: there is no such user. */
  readonly wallet: { readonly cents: number; readonly score: number } | undefined;
  readonly ledger: string;
}

interface Row {
  /** In cents or points; 0 if there never was anything. */
  readonly moved?: number;
  readonly back?: true;
}

const MOST_CENTS = 9_999_999_999;

const centsOf = (money: string): number => Number(money.replace('.', ''));
const moneyOf = (cents: number): string => (cents / 100).toFixed(2);
const order = (orderId: string): string => `order:${orderId}`;
const pay = (payId: string): string => `pay:${payId}`;
const request = (requestKey: string): string => `key:${requestKey}`;

/** @param opening what the user began with; undefined: there is no such user */
export function walletModel(opening: WalletFigures | undefined): Model<WalletState, WalletCommand> {
  const ledger = new Ledger<Row>();

  const figures = ({ cents, score }: NonNullable<WalletState['wallet']>): Verdict =>
    yes({ money: moneyOf(cents), score });

  const hastyTake = ({ wallet }: WalletState, cents: number): Verdict | undefined => {
    if (!wallet) return no('SHOP_USER_NO_EXIST', true);
    if (cents === 0) return yes();
    return wallet.cents < cents ? no('SHOP_MONEY_PAID_INVALID') : undefined;
  };

  const move = (
    { wallet, ledger: text }: WalletState,
    by: { readonly cents?: number; readonly score?: number },
    key: string,
    row: Row,
  ): WalletState => ({
    wallet: wallet && { cents: wallet.cents + (by.cents ?? 0), score: wallet.score + (by.score ?? 0) },
    ledger: ledger.write(text, key, row),
  });

  const giveBack = (state: WalletState, key: string, unit: 'cents' | 'score'): WalletState => {
    const row = ledger.read(state.ledger, key);
    if (row?.back) return state;
    const moved = row?.moved ?? 0;
    return move(state, { [unit]: unit === 'cents' ? moved : -moved }, key, { moved, back: true });
  };

  const settle = (state: WalletState, command: WalletCommand): Outcome<WalletState> => {
    const { wallet } = state;
    const stay = (verdict: Verdict): Outcome<WalletState> => ({ verdict, next: state });

    switch (command.type) {
      case 'TakeMoney': {
        const key = order(command.orderId);
        const cents = centsOf(command.amount);
        const row = ledger.read(state.ledger, key);
        if (row?.back) return stay(no('SHOP_USER_MONEY_REFUND_ALREADY'));
        if (row) return stay(row.moved === cents ? yes() : no('SHOP_USER_MONEY_REDUCE_FAIL'));
        const answered = hastyTake(state, cents);
        if (answered) return stay(answered);
        return { verdict: yes(), next: move(state, { cents: -cents }, key, { moved: cents }) };
      }
      case 'GiveMoneyBack': {
        const next = giveBack(state, order(command.orderId), 'cents');
        return {
          verdict: yes(),
          next: command.payId === undefined ? next : giveBack(next, pay(command.payId), 'score'),
        };
      }
      case 'AddPoints': {
        if (!wallet) return stay(no('SHOP_USER_NO_EXIST'));
        const key = pay(command.payId);
        if (ledger.read(state.ledger, key)) return stay(yes());
        const score = Math.floor(centsOf(command.amount) / 100);
        return { verdict: yes(), next: move(state, { score }, key, { moved: score }) };
      }
      case 'Recharge': {
        if (!wallet) return stay(no('SHOP_USER_NO_EXIST'));
        const key = request(command.requestKey);
        const cents = centsOf(command.amount);
        const row = ledger.read(state.ledger, key);
        if (row) return stay(row.moved === cents ? figures(wallet) : no('SHOP_REQUEST_KEY_CONFLICT'));
        if (wallet.cents + cents > MOST_CENTS) return stay(no('SHOP_MONEY_PAID_INVALID'));
        const next = move(state, { cents }, key, { moved: cents });
        return { verdict: figures({ ...wallet, cents: wallet.cents + cents }), next };
      }
      case 'FindWallet':
        return stay(wallet ? figures(wallet) : no('SHOP_USER_NO_EXIST'));
    }
  };

  return {
    initial: {
      wallet: opening && { cents: centsOf(opening.money), score: opening.score },
      ledger: '',
    },
    settle,
    hasty: (state, command) =>
      command.type === 'TakeMoney' ? hastyTake(state, centsOf(command.amount)) : undefined,
    onceKey: (command) => JSON.stringify(command),
    keyOf: ({ wallet, ledger: text }) => (wallet ? `${wallet.cents} ${wallet.score} ${text}` : text),
    describe: ({ wallet }) =>
      wallet ? `money ${moneyOf(wallet.cents)}, ${wallet.score} points` : 'no such user',
  };
}
