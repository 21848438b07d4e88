// One run's world, all of it drawn from the seed: the shop's nodes, which are started again when they die, and what is
// around them.
import type { Logger } from 'pino';
import { KINDS, type Kind } from '../../../actors/domain/envelope';
import type { FrontDoor } from '../../../actors/domain/front-door';
import { PLACING_KINDS } from '../../../actors/domain/joint';
import { seeded, type Chance } from '../../../bin/load/seeded';
import { SimulatedDatabase } from '../simulated-database';
import { SimulatedTime } from '../simulated-time';
import { createDeadLetters } from '../../../persistence/dead-letters';
import { simulatedQueryable } from '../books/simulated-queryable';
import { ShopTables } from '../books/tables';
import { ShopBroker } from './broker';
import { FrontCalls, type Reply } from './front';
import { History } from './history';
import { openMarket, type Market } from './market';
import { SimulatedNetwork } from './network';
import { ShopNode } from './node';
import { SimulatedPlatform } from './platform';
import { SimulatedStreams } from './streams';
import { watchfulLogger } from './watch';

const SHARDS = 6;
const START_AGAIN_MS = 1_500;

export class World {
  readonly shards = SHARDS;
  /** What shares a database: all kinds in most runs, in some only those of an order, or none. */
  readonly jointKinds: readonly Kind[];
  readonly time: SimulatedTime;
  readonly network: SimulatedNetwork;
  readonly streams: SimulatedStreams;
  readonly broker: ShopBroker;
  readonly database: SimulatedDatabase;
  readonly tables: ShopTables;
  readonly market: Market;
  readonly platform: SimulatedPlatform;
  readonly history = new History();
  readonly logger: Logger;
  /** What must never happen and has. */
  readonly breaches: string[] = [];
  private readonly nodes = new Map<string, ShopNode>();
  private readonly calls: FrontCalls;
  private readonly chance: Chance;
  private ids = 1_000_000;
  private starts = 0;

  /** @param settle @see SimulatedTime */
  constructor(seed: number, settle: (passedMs: number) => Promise<void>) {
    const chanceFor = (part: number): Chance => seeded(seed * 16 + part);
    this.chance = chanceFor(0);
    this.jointKinds = [[], PLACING_KINDS, KINDS, KINDS][chanceFor(5).whole(0, 3)] ?? KINDS;
    this.logger = watchfulLogger(
      (line) => this.broken(line),
      () => this.streams.wasPurged,
    );
    this.time = new SimulatedTime(undefined, settle);
    this.network = new SimulatedNetwork(this.time, chanceFor(1));
    this.streams = new SimulatedStreams(this.time, chanceFor(2));
    this.broker = new ShopBroker(this.time, this.network, this.streams);
    this.database = new SimulatedDatabase(this.time);
    this.market = openMarket(chanceFor(3));
    this.tables = new ShopTables(this.market);
    this.calls = new FrontCalls(this.time, this.network);
    this.platform = new SimulatedPlatform(this.time, this.network, chanceFor(4), async (body, signature) => {
      const reply = await this.askAnyNode((door) => door.callback(undefined, Buffer.from(body), signature));
      return reply?.literal !== undefined;
    });
  }

  broken(what: string): void {
    this.breaches.push(what);
  }

  nextId(): string {
    this.ids += 1;
    return String(this.ids);
  }

  /** Starts a node, and again whenever it has died. */
  keep(name: string): void {
    this.starts += 1;
    const node = new ShopNode(this, name, this.starts);
    this.nodes.set(name, node);
    node.process.onDeath(() => this.time.after(START_AGAIN_MS, () => this.keep(name)));
  }

  living(): ShopNode[] {
    return [...this.nodes.values()].filter(({ process }) => process.state !== 'dead');
  }

  /** An operator tries again what was given up. @returns whether there was anything */
  async redrive(): Promise<boolean> {
    const letters = createDeadLetters(simulatedQueryable(this.tables, (work) => Promise.resolve(work())));
    return (await letters.redrive({}, this.time.instant)) > 0;
  }

  /** @returns undefined if there was no answer */
  askAnyNode(ask: (door: FrontDoor) => Promise<Reply>): Promise<Reply | undefined> {
    return this.calls.call(this.chance.pick([...this.nodes.values()]), ask);
  }
}
