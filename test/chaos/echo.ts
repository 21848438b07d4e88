// Calls back in the platform's name beside the platform: what it took is told again, early, late, out of order and to
// any node. A callback whose signature is of other bytes is told too, and must not be believed.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isUntrue } from '../../bin/load/answer';
import type { Promises } from '../../bin/load/promises';
import { seeded } from '../../bin/load/seeded';
import { PATIENT, ShopClient } from '../../bin/load/shop-client';
import { openKeys, sandboxFolder } from '../../bin/sandbox/keys';
import type { Cluster } from '../reliability/cluster';

interface Entry {
  readonly type: string;
  readonly payId: string;
  readonly orderId: string;
  readonly transactionId: string;
  readonly amount: string;
  readonly callback: { readonly style: string };
}

const EVERY_MS = 60;
/** The latest are told of more often: they are the ones that are under way. */
const LATEST = 8;
const MOST_UNDER_WAY = 64;

/** Tells until the signal comes. @param promises remember what was acknowledged */
export async function echo(
  cluster: Cluster,
  seed: number,
  promises: Promises,
  signal: AbortSignal,
): Promise<void> {
  const chance = seeded(seed);
  const client = new ShopClient({ ...PATIENT, urls: cluster.nodes.map((node) => node.url) });
  const { sign } = openKeys(cluster.dataDir);
  const journal = followJournal(cluster.dataDir);
  const orders = new Map<string, string>();
  const paid: Entry[] = [];

  const tell = async (
    { payId, transactionId, amount: payAmount }: Entry,
    isForged: boolean,
  ): Promise<void> => {
    const body = JSON.stringify({
      payId,
      orderId: orders.get(payId),
      isPaid: true,
      payAmount,
      transactionId,
    });
    const headers = { 'x-signature': sign(Buffer.from(isForged ? `not ${body}` : body)) };
    const answer = await client.send({ method: 'POST', path: '/pay/callbackPayment', body, headers });
    if (isUntrue(answer, true)) promises.untrue.push(`callback: ${answer.status} ${answer.text}`);
    if (answer.text !== 'success') return;
    if (isForged) promises.untrue.push(`a forged callback of ${transactionId} was believed`);
    else promises.calledBack(transactionId, payId);
  };

  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    for (const entry of journal.read()) {
      if (entry.type === 'made') orders.set(entry.payId, entry.orderId);
      if (entry.type === 'paid' && entry.callback.style !== 'silent') paid.push(entry);
    }
    if (paid.length > 0 && underWay.size < MOST_UNDER_WAY) {
      const entry = chance.pick(chance.of(0.5) ? paid.slice(-LATEST) : paid);
      const told = tell(entry, chance.of(0.1)).finally(() => void underWay.delete(told));
      underWay.add(told);
    }
    await pause(EVERY_MS);
  }
  await Promise.all(underWay);
  await client.close();
  journal.close();
}

function followJournal(dataDir: string) {
  const file = openSync(join(sandboxFolder(dataDir), 'ledger.jsonl'), 'r');
  const bytes = Buffer.alloc(1 << 16);
  let rest = '';
  return {
    /** @returns the entries that are new since it was asked last */
    read: (): readonly Entry[] => {
      for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes))
        rest += bytes.toString('utf8', 0, read);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines.map((line) => JSON.parse(line) as Entry);
    },
    close: () => closeSync(file),
  };
}
