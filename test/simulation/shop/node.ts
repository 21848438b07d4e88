// A node of the simulated shop: the real actors, deciders, sagas, group commits, consumers, relays and timers, composed
// as bin/compose.ts does it, over simulated connections, stores and transport.
import { start as startSystem, stop as stopSystem } from 'nact';
import type { Logger } from 'pino';
import { createFrontDoor } from '../../../actors/front-door/front-door';
import type { FrontDoor } from '../../../actors/domain/front-door';
import { KINDS, type Kind } from '../../../actors/domain/envelope';
import { composeEvents, type Events } from '../../../bin/compose-events';
import { composeKinds, forEveryKind, type KindParts } from '../../../bin/compose-kinds';
import { composeStores } from '../../../bin/compose-stores';
import { createInbox } from '../../../persistence/inbox';
import { createOrderIndex } from '../../../persistence/order-index';
import { createOutbox } from '../../../persistence/outbox';
import type { Queryable } from '../../../persistence/session';
import type { JointMember } from '../../../supervisors/joint-sessions';
import { createOrderIds } from '../../../supervisors/order-ids';
import { createRouter } from '../../../supervisors/router';
import { startTimers } from '../../../supervisors/timers';
import { isSimulated, simulatedQueryable, type Ask } from '../books/simulated-queryable';
import { ConnectionError, SimulatedConnection } from '../simulated-connection';
import { SimulatedMember } from '../simulated-member';
import { SimulatedProcess } from '../simulated-process';
import type { Front } from './front';
import { bookingAsked, stepAsked } from './joint-steps';
import { SimulatedTransport } from './transport';
import type { World } from './world';

/** Short beside the real ones, so that little has to be simulated for much to happen. */
export const EXPIRES_AFTER_MS = 12_000;
const PLACE_DEADLINE_MS = 5_000;
const STEP_TIMEOUT_MS = 2_000;
const TIMERS_EVERY_MS = 1_000;
const DRAIN_MS = 2_000;
const LOOK_MS = 20;

export class ShopNode implements Front {
  readonly process: SimulatedProcess;
  readonly incarnation: string;
  readonly transport: SimulatedTransport;
  readonly member: SimulatedMember;
  door: FrontDoor | undefined;
  private readonly reader: SimulatedConnection;
  private readonly logger: Logger;
  private stopParts: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly world: World,
    readonly name: string,
    start: number,
  ) {
    const { time, database, broker, network, shards } = world;
    const process = new SimulatedProcess(time);
    this.process = process;
    this.incarnation = `${name}-${start}`;
    this.logger = world.logger.child({ node: this.incarnation });
    this.transport = new SimulatedTransport(process, broker);
    this.member = new SimulatedMember({
      time,
      process,
      database,
      shards,
      jointKinds: world.jointKinds,
      deploymentId: 'simulated',
      self: { name, incarnation: this.incarnation, startedMs: time.nowMs, url: '' },
      transport: this.transport,
      logger: this.logger,
      delayMs: network.delayMs,
      onSuperseded: () => process.die(),
    });
    const { incarnation } = this;
    this.reader = new SimulatedConnection({ time, process, database, incarnation, delayMs: network.delayMs });
    void this.run().catch((error: unknown) => {
      this.logger.info({ err: error }, 'a node could not start');
      process.die();
    });
  }

  /** Stops as it does for a signal: hands over, ends what is under way, and is gone. */
  async stop(): Promise<void> {
    const { ownership } = this.member;
    await ownership.leave();
    this.door = undefined;
    if (ownership.hasOthers()) await ownership.finish();
    await this.stopParts();
    await this.member.end();
    this.process.die();
  }

  reconnectDatabase(): void {
    this.process.reaches.database = true;
    this.member.restored();
    this.reader.restored();
  }

  private async run(): Promise<void> {
    const { world, process, member, transport, logger } = this;
    const { clock } = process;
    const { ownership } = member;
    this.reader.connect();
    await member.join();
    const { shards, platform } = world;
    const router = createRouter({
      transport,
      ownership,
      clock,
      shards,
      timeoutMs: STEP_TIMEOUT_MS,
      deadlineMs: PLACE_DEADLINE_MS,
    });
    const gateway = platform.gateway(process);
    const gateways = new Map([[gateway.provider, gateway]]);
    const reader = this.queryable((work) => this.reader.ask(work));
    const outbox = createOutbox(reader);
    const inbox = createInbox(reader);
    const orderIndex = createOrderIndex(reader);
    const events: Events = composeEvents({
      books: { outboxes: [outbox], outboxOf: () => outbox, inboxOf: () => inbox, orderIndex },
      transport,
      router,
      ownership,
      clock,
      logger,
      gatewayOf: (provider) => gateways.get(provider),
      onOutcome: () => undefined,
      onPublished: () => undefined,
    });
    const system = startSystem();
    const stores = composeStores({
      clock,
      shards,
      confirmEvents: false,
      writers: forEveryKind((kind) => this.queryable((work) => this.write(kind, work))),
      joint:
        world.jointKinds.length > 0
          ? { writer: this.queryable((work) => this.write('joint', work)), kinds: world.jointKinds }
          : undefined,
      readers: forEveryKind(() => reader),
      onEvents: (...committed) => events.committed(...committed),
      commits: { countWrites: (_kind, store) => store, countSagas: (store) => store },
    });
    const kinds = composeKinds({
      system,
      onBusy: () => undefined,
      ownership,
      router,
      clock,
      logger,
      shards,
      stores: {
        ...stores,
        joint: stores.joint && world.history.watchJoint(stores.joint, stepAsked),
        booking: stores.booking && world.history.watchJoint(stores.booking, bookingAsked),
      },
    });
    await transport.receive(this.name, (envelope) =>
      world.history.watch(envelope, (one) => new Promise((resolve) => kinds.deliver(one, resolve))),
    );
    await events.start();
    const timers = startTimers({
      index: orderIndex,
      ownership,
      router,
      clock,
      logger,
      gatewayOf: (provider) => gateways.get(provider),
      everyMs: TIMERS_EVERY_MS,
    });
    ownership.onLost((kind, lost) => kinds.of[kind].region.forget(lost));
    member.takePart((kind, asked) => kinds.of[kind].region.busy(asked));
    this.stopParts = async () => {
      timers.stop();
      await events.stop();
      await this.drain(kinds.of);
      stopSystem(system);
    };
    while (KINDS.some((kind) => ownership.unowned(kind) > 0))
      await new Promise<void>((resolve) => void clock.later(LOOK_MS, resolve));
    const ids = { next: () => world.nextId() };
    this.door = createFrontDoor({
      router,
      ids,
      orderIds: createOrderIds({ ids, ownership, node: this.name, shards }),
      clock,
      gateways,
      logger,
      expiresAfterMs: EXPIRES_AFTER_MS,
      patienceMs: PLACE_DEADLINE_MS,
    });
  }

  /** A statement that the simulation lacks must not pass for a database that is away. */
  private queryable(ask: Ask): Queryable {
    const { world } = this;
    const simulated = simulatedQueryable(world.tables, ask);
    return {
      query: (statement, values) => {
        if (!isSimulated(statement)) world.broken(`the statement ${statement.name} is not simulated`);
        return simulated.query(statement, values);
      },
    };
  }

  private write<Answer>(kind: JointMember, work: () => Answer): Promise<Answer> {
    const connection = this.member.connections.get(kind);
    return connection
      ? connection.ask(work)
      : Promise.reject(new ConnectionError('the connection is not there'));
  }

  private async drain(kinds: Readonly<Record<Kind, KindParts>>): Promise<void> {
    await Promise.all(KINDS.map((kind) => kinds[kind].region.drain(DRAIN_MS)));
  }
}
