// Wallets in the database: money and points move once a key, and the balances are the sums of their ledgers.
import type { UserId } from '../../actors/domain/ids';
import type { Money } from '../../actors/domain/money';
import type { Loaded, LoadRequest, Store, StoreEntry } from '../../actors/domain/ports/store';
import type { Wallet, WalletFact, WalletRecord } from '../../actors/domain/wallet';
import { PlainColumns } from './batch-columns';
import type { FlushRow } from './fates';
import { claimArrays } from './inbox-claims';
import { ledgerStore, type LedgerStoreParts } from './ledger-store';
import { CHANGE_WALLETS, LOAD_WALLETS, TAKE_MONEY } from './wallet-statements';

type Entry = StoreEntry<Wallet, WalletFact>;

interface WalletRow {
  readonly user_id: string | null;
  readonly user_name: string;
  readonly user_mobile: string;
  readonly user_money: string;
  readonly user_score: number;
  readonly user_reg_time: string;
  readonly taken: string | null;
  readonly given_back: boolean | null;
  readonly recharged: string | null;
  readonly points_given: number | null;
  readonly points_taken_back: boolean | null;
}

export interface WalletFigures extends FlushRow {
  readonly money: string;
  readonly score: number;
}

/** The store of the wallet actors. */
export const createWalletStore = (parts: LedgerStoreParts): Store<Wallet, WalletFact, WalletRecord> =>
  ledgerStore<Wallet, WalletFact, WalletRecord, WalletRow, WalletFigures>(parts, {
    load: (requests) => ({ statement: LOAD_WALLETS, values: askedOf(requests) }),
    loaded: loadedOf,
    flush: (entries, now) =>
      entries.every(isOnlyTakes)
        ? { statement: TAKE_MONEY, values: [...moneyTaken(entries), now] }
        : { statement: CHANGE_WALLETS, values: changesOf(entries, now) },
    agrees: agreesWithWallet,
    keyOf,
  });

/** Whether a wallet is held as it is believed to be. */
export const agreesWithWallet = (figures: WalletFigures, after: Wallet): boolean =>
  figures.money === after.money && figures.score === after.score;

/** Record keys are `order:<orderId>[:<payId>]`, `pay:<payId>` or `key:<requestKey>`. */
function askedOf(requests: readonly LoadRequest[]): string[] {
  const asked = new PlainColumns(4);
  for (const { id, recordKey } of requests) {
    const [kind, first = null, second = null] = recordKey?.split(':') ?? [];
    if (kind === 'order') asked.add(id, first, second, null);
    else asked.add(id, null, kind === 'pay' ? first : null, kind === 'key' ? first : null);
  }
  return asked.arrays();
}

function loadedOf(row: WalletRow): Loaded<Wallet, WalletRecord> {
  const recorded: WalletRecord = {
    ...(row.taken === null ? {} : { taken: row.taken as Money }),
    ...(row.given_back === true ? { givenBack: true } : {}),
    ...(row.recharged === null ? {} : { recharged: row.recharged as Money }),
    ...(row.points_given === null ? {} : { pointsGiven: row.points_given }),
    ...(row.points_taken_back === true ? { pointsTakenBack: true } : {}),
  };
  return {
    state: row.user_id === null ? undefined : walletOf(row, row.user_id as UserId),
    recorded: Object.keys(recorded).length === 0 ? undefined : recorded,
  };
}

const walletOf = (row: WalletRow, userId: UserId): Wallet => ({
  userId,
  name: row.user_name,
  mobile: row.user_mobile,
  money: row.user_money as Money,
  score: row.user_score,
  regTime: row.user_reg_time,
});

const isOnlyTakes = (entry: Entry): boolean =>
  entry.inbox === undefined && entry.facts.every((fact) => fact.type === 'MoneyTaken');

/** The parameters of `takeMoney`. @param entries take and do nothing else */
export function moneyTaken(entries: readonly Entry[]): string[] {
  const takes = new PlainColumns(4);
  entries.forEach(({ id, facts }, place) => {
    for (const fact of facts) if (fact.type === 'MoneyTaken') takes.add(id, fact.orderId, fact.amount, place);
  });
  return takes.arrays();
}

function changesOf(entries: readonly Entry[], now: string): unknown[] {
  const money = new PlainColumns(5);
  const moneyBack = new PlainColumns(4);
  const points = new PlainColumns(4);
  const pointsBack = new PlainColumns(4);
  const add = (id: string, fact: WalletFact, place: number): void => {
    switch (fact.type) {
      case 'MoneyTaken':
        money.add(id, fact.orderId, fact.amount, place, 1);
        return;
      case 'MoneyGivenBack':
        moneyBack.add(id, fact.orderId, fact.amount, place);
        return;
      case 'Recharged':
        money.add(id, fact.requestKey, fact.amount, place, 3);
        return;
      case 'PointsAdded':
        points.add(id, fact.payId, fact.points, place);
        return;
      case 'PointsTakenBack':
        pointsBack.add(id, fact.payId, fact.points, place);
    }
  };
  entries.forEach(({ id, facts }, place) => {
    for (const fact of facts) add(id, fact, place);
  });
  return [
    ...money.arrays(),
    ...moneyBack.arrays(),
    ...points.arrays(),
    ...pointsBack.arrays(),
    now,
    ...claimArrays(entries),
  ];
}

function keyOf(id: string, fact: WalletFact): string {
  switch (fact.type) {
    case 'MoneyTaken':
    case 'MoneyGivenBack':
      return `${id}:order:${fact.orderId}`;
    case 'PointsAdded':
    case 'PointsTakenBack':
      return `${id}:pay:${fact.payId}`;
    case 'Recharged':
      return `${id}:key:${fact.requestKey}`;
  }
}
