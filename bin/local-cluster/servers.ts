// Servers of our own for a cluster on this machine: PostgreSQL that keeps what it was told, and as many nats-servers
// as are asked for, each with its folder. Only this machine reaches them.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { databaseAccount, reaches } from '../local-servers/account';
import { findNats } from '../local-servers/find-nats';
import { findPostgres } from '../local-servers/find-postgres';
import { freePort } from '../local-servers/free-port';
import { startNats } from '../local-servers/nats';
import { waitForQuorum } from '../local-servers/nats-quorum';
import { startPostgres } from '../local-servers/postgres';
import { Scratch } from '../local-servers/scratch';
import type { Member, PartOptions } from './cluster-parts';
import { keepRunning } from './kept-process';

export interface OwnServersOptions extends PartOptions {
  readonly natsServers: number;
}

/** @returns PostgreSQL first, once all of them answer */
export async function startOwnServers(options: OwnServersOptions): Promise<readonly [Member, ...Member[]]> {
  const [postgres, ...nats] = await Promise.all([ownPostgres(options), ...(await ownNats(options))]);
  options.say('waiting until the nats-servers agree');
  await waitForQuorum(
    nats.map((server) => server.url),
    copiesIn(options.natsServers),
    options.ending,
  );
  return [postgres, ...nats];
}

/** Three copies of a stream survive the loss of one; more would only cost. */
export const copiesIn = (natsServers: number): number => Math.min(3, natsServers);

async function ownPostgres(options: OwnServersOptions): Promise<Member> {
  const folder = join(options.dataDir, 'postgres');
  const account = databaseAccount();
  mkdirSync(folder, { recursive: true });
  if (account !== undefined && !reaches(account, folder)) {
    throw new Error(
      `root runs PostgreSQL as another user, who cannot get to ${folder}: choose another --data-dir, or be another user`,
    );
  }
  options.say('starting PostgreSQL (it is fetched if it is not installed)');
  const scratch = Scratch.open('postgres', folder);
  options.opened(scratch);
  const bin = findPostgres();
  const how = { bin, dataDir: folder };
  const { first, pid } = await keepRunning(
    'PostgreSQL',
    options,
    () => startPostgres(how),
    ({ port }) => startPostgres({ ...how, port }),
  );
  options.say(`PostgreSQL listens on 127.0.0.1:${first.port} (process ${first.pid}, log ${scratch.log})`);
  return { name: 'postgres', url: first.url, log: scratch.log, pid };
}

/** @returns the starts, which must go on at the same time: the servers wait for each other */
async function ownNats(options: OwnServersOptions): Promise<readonly Promise<Member>[]> {
  const { dataDir, natsServers, say } = options;
  const names = Array.from({ length: natsServers }, (_, place) => `nats-${place + 1}`);
  forgetOtherCluster(dataDir, names, say);
  say(`starting ${names.length} nats-server${names.length > 1 ? 's' : ''} (fetched if not installed)`);
  const command = findNats();
  const ports = await Promise.all(names.map(() => freePort()));
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
  return names.map(async (name, place) => {
    const storeDir = join(dataDir, name);
    const scratch = Scratch.open('nats', storeDir);
    options.opened(scratch);
    const route = ['--cluster', routes[place] ?? '', '--cluster_name', 'trade', '--routes', routes.join(',')];
    const how = { command, name, storeDir, args: names.length > 1 ? route : [] };
    const { first, pid } = await keepRunning(
      name,
      options,
      () => startNats(how),
      ({ port }) => startNats({ ...how, port }),
    );
    say(`${name} listens on 127.0.0.1:${first.port} (process ${first.pid}, log ${scratch.log})`);
    return { name, url: first.url, log: scratch.log, pid };
  });
}

/** Servers that remember a cluster of another size wait for it; the outbox fills new ones. */
function forgetOtherCluster(dataDir: string, names: readonly string[], say: (line: string) => void): void {
  const before = readdirSync(dataDir).filter((name) => /^nats-\d+$/.test(name));
  if (before.length === 0 || before.length === names.length) return;
  say(`the streams of ${before.length} nats-server${before.length > 1 ? 's' : ''} are made anew`);
  for (const name of before) rmSync(join(dataDir, name), { recursive: true });
}
