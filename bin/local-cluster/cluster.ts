// A cluster on this machine, from the first server to the last node; stopped in the reverse order, each part within
// bounded time. Whatever ends this process ends all of them: every one has a guardian.
import { mkdirSync } from 'node:fs';
import { lockDataDir } from '../../persistence/data-dir-lock';
import { processName } from '../../persistence/processes';
import { freePortsFrom } from '../local-servers/free-port';
import { localUrl } from '../local-url';
import type { Scratch } from '../local-servers/scratch';
import { forgetCluster, writeCluster, type ClusterProcess, type LocalCluster } from './cluster-file';
import type { Member, PartOptions } from './cluster-parts';
import { keepNode, keepSandbox, type TradeOptions } from './members';
import { copiesIn, startOwnServers } from './servers';
import type { ClusterSettings } from './settings';

/** In the order in which they stop. */
const STAGES = ['nodes', 'sandbox', 'servers'] as const;
type Stage = (typeof STAGES)[number];

export class Cluster {
  private readonly ending = new AbortController();
  private readonly opened: Readonly<Record<Stage, Scratch[]>> = { nodes: [], sandbox: [], servers: [] };
  private servers: readonly Member[] = [];
  private nodes: readonly Member[] = [];
  private sandbox: Member | undefined;
  private unlock: (() => void) | undefined;
  /** Of every process, and of the commands that ask about the cluster. */
  environment: Readonly<Record<string, string>>;

  constructor(
    private readonly settings: ClusterSettings,
    private readonly say: (line: string) => void,
  ) {
    this.environment = settings.environment;
  }

  /** @returns when every node is ready. @throws Error with the first thing that did not start */
  async start(): Promise<void> {
    const { dataDir, nodes, host, port, demo, natsServers } = this.settings;
    mkdirSync(dataDir, { recursive: true });
    this.unlock = lockDataDir(dataDir);
    if (natsServers !== undefined) await this.startServers(natsServers);
    // One more than nodes: the sandbox comes after them.
    const ports = await freePortsFrom(host, port, nodes + 1);
    const sandboxPort = ports.pop();
    const urls = ports.map((one) => localUrl(host, one));
    if (demo && sandboxPort !== undefined) {
      this.sandbox = await keepSandbox(this.members('sandbox'), sandboxPort, urls);
      this.environment = { ...this.environment, SANDBOX_URL: this.sandbox.url };
    }
    this.say(`starting ${nodes} node${nodes > 1 ? 's' : ''}`);
    const starts = ports.map((one, place) => keepNode(this.members('nodes'), `node-${place + 1}`, one));
    this.nodes = await Promise.all(starts);
    this.ending.signal.throwIfAborted();
    this.write();
  }

  /** Nodes first, so that they can hand over; whoever does not end in time is killed. Never throws. */
  async stop(): Promise<void> {
    this.ending.abort(new Error('the cluster ends'));
    this.forget();
    for (const stage of STAGES) {
      const running = this.opened[stage].flatMap(({ server }) => (server?.running() ? [server] : []));
      if (running.length > 0) this.say(`stopping the ${stage}`);
      await Promise.all(running.map((server) => server.stop()));
    }
    for (const scratch of STAGES.flatMap((stage) => this.opened[stage])) scratch.release();
    this.unlock?.();
  }

  /** At once, whatever is under way: nothing that was answered is lost. */
  kill(): void {
    this.ending.abort();
    this.forget();
    for (const stage of STAGES)
      for (const { server } of this.opened[stage]) if (server?.running()) server.kill();
    this.unlock?.();
  }

  /** Another cluster on the same folder is none of our business. */
  private forget(): void {
    if (this.unlock !== undefined) forgetCluster(this.settings.dataDir);
  }

  private async startServers(natsServers: number): Promise<void> {
    const [postgres, ...nats] = await startOwnServers({ ...this.part('servers'), natsServers });
    this.servers = [postgres, ...nats];
    this.environment = {
      ...this.environment,
      DATABASE_URL: postgres.url,
      NATS_URL: nats.map((server) => server.url).join(','),
      NATS_REPLICAS: String(copiesIn(natsServers)),
    };
  }

  private members(stage: Stage): TradeOptions {
    return { ...this.part(stage), environment: this.environment, host: this.settings.host };
  }

  private part(stage: Stage): PartOptions {
    return {
      dataDir: this.settings.dataDir,
      ending: this.ending.signal,
      say: this.say,
      changed: () => this.write(),
      opened: (scratch) => void this.opened[stage].push(scratch),
    };
  }

  /** Not before all were ready: nobody can do anything with half of it. */
  private write(): void {
    if (this.nodes.length === 0 || this.ending.signal.aborted) return;
    writeCluster(this.settings.dataDir, {
      process: processName(process.pid),
      nodes: this.nodes.map(described),
      sandbox: this.sandbox && described(this.sandbox),
      servers: this.servers.map(described),
      environment: this.environment,
    } satisfies LocalCluster);
  }
}

function described({ name, url, log, pid }: Member): ClusterProcess {
  const now = pid();
  return { name, url, log, pid: now, process: now === undefined ? undefined : processName(now) };
}
