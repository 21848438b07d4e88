// A node's actors over books in memory: what becomes of a statement is the test's to say, and who is elsewhere.
import { start, stop, type ActorSystemRef } from 'nact';
import pino from 'pino';
import type { Answer, Envelope, Kind } from '../../actors/domain/envelope';
import type { OrderId } from '../../actors/domain/ids';
import type { Ownership } from '../../actors/domain/ports/ownership';
import { composeKinds, forEveryKind, type Kinds } from '../../bin/compose-kinds';
import { composeStores } from '../../bin/compose-stores';
import { systemClock } from '../../bin/system-clock';
import type { CombinedStatement } from '../../persistence/combined-statement';
import type { Queryable, Statement } from '../../persistence/session';
import { createRouter } from '../../supervisors/router';
import { simulatedQueryable } from '../simulation/books/simulated-queryable';
import { ShopTables } from '../simulation/books/tables';

const SHARDS = 4;
const lost = (): Error => Object.assign(new Error('the connection is lost'), { code: '08006' });

/** What becomes of a statement: it runs, it does not arrive, its answer does not, it gives up on a lock, or it waits. */
export type Luck = 'runs' | 'lost' | 'answer lost' | 'locked' | 'stuck';

export class JointScene {
  readonly tables: ShopTables;
  /** The bodies of events that were committed with all that follows. */
  readonly done: unknown[] = [];
  /** The names of the statements that were run; of those that were combined, of each of their parts. */
  readonly statements: string[] = [];
  /** What becomes of the next statements of a name, and of those that have it as a part. */
  readonly luck = new Map<string, Luck[]>();
  readonly elsewhere = new Set<Kind>();
  /** Lets the statement go that is stuck. */
  letGo: () => void = () => undefined;
  private readonly system: ActorSystemRef = start();
  private readonly kinds: Kinds;
  /** Another node over the same books, which has what was moved. */
  private other: JointScene | undefined;

  /** @param jointKinds what joint commits write; none: there are none */
  constructor(
    shop: ConstructorParameters<typeof ShopTables>[0] | ShopTables,
    private readonly jointKinds: readonly Kind[],
  ) {
    this.tables = shop instanceof ShopTables ? shop : new ShopTables(shop);
    const reader = this.connection();
    const stores = composeStores({
      clock: systemClock,
      shards: SHARDS,
      confirmEvents: false,
      writers: forEveryKind(() => this.connection()),
      joint: jointKinds.length > 0 ? { writer: this.connection(), kinds: jointKinds } : undefined,
      readers: forEveryKind(() => reader),
      onEvents: (_kind, rows, areDone) => areDone && this.done.push(...rows.map(({ event }) => event.body)),
      commits: { countWrites: (_kind, store) => store, countSagas: (store) => store },
    });
    const ownership = ownershipOf(this.elsewhere);
    const router = createRouter({
      transport: {
        send: (_node, envelope) =>
          (this.other && this.elsewhere.has(envelope.kind) ? this.other : this).deliver(envelope),
      },
      ownership,
      clock: systemClock,
      shards: SHARDS,
      timeoutMs: 1_000,
      deadlineMs: 300,
    });
    this.kinds = composeKinds({
      ...{ system: this.system, ownership, router, clock: systemClock, shards: SHARDS, stores },
      logger: pino({ level: 'silent' }),
      onBusy: () => undefined,
    });
  }

  deliver(envelope: Envelope): Promise<Answer> {
    return new Promise((resolve) => this.kinds.deliver(envelope, resolve));
  }

  /** From now on another node has these kinds. @returns it */
  moveElsewhere(...kinds: readonly Kind[]): JointScene {
    for (const kind of kinds) this.elsewhere.add(kind);
    return (this.other = new JointScene(this.tables, this.jointKinds));
  }

  /** Takes an order up again that was found half-way in its first round. */
  tryAgain(id: OrderId): Promise<Answer> {
    const command = { type: 'TrySteps', after: 1, at: systemClock.now() };
    return this.deliver({ kind: 'order', id, shard: 0, command, key: id, attempt: 1 });
  }

  /** Nobody knows anything any more. */
  forget(): void {
    const all = Array.from({ length: SHARDS }, (_, shard) => shard);
    for (const { region } of Object.values(this.kinds.of)) region.forget(all);
  }

  async close(): Promise<void> {
    await this.other?.close();
    await Promise.all(Object.values(this.kinds.of).map(({ region }) => region.drain(0)));
    stop(this.system);
  }

  private connection(): Queryable {
    const books = simulatedQueryable(this.tables, (work) => new Promise((resolve) => resolve(work())));
    return {
      query: async <Row>(...[statement, values]: Parameters<Queryable['query']>) => {
        const names = namesOf(statement);
        this.statements.push(...names);
        const unlucky = names.map((name) => this.luck.get(name)?.shift()).find((luck) => luck !== undefined);
        const next = unlucky ?? 'runs';
        if (next === 'lost') throw lost();
        if (next === 'stuck') await new Promise<void>((resolve) => (this.letGo = resolve));
        if (next === 'locked') throw Object.assign(new Error('lock timeout'), { code: '55P03' });
        const rows = await books.query<Row>(statement, values);
        if (next === 'answer lost') throw lost();
        return rows;
      },
    };
  }
}

const namesOf = (statement: Statement | CombinedStatement): readonly string[] =>
  'parts' in statement ? statement.parts.map((part) => part.statement.name) : [statement.name];

const ownershipOf = (elsewhere: ReadonlySet<Kind>): Ownership => ({
  ownerOf: () => 'here',
  isAlive: () => true,
  doubt: () => undefined,
  holds: () => true,
  takes: (kind) => !elsewhere.has(kind),
  termOf: () => 1,
  isProven: () => true,
  onLost: () => undefined,
  onGained: () => undefined,
});
