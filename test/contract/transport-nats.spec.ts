// What only a broker can do to us: batches on the wire, poison, restarts, and streams that vanish.
import { AckPolicy, connect, type JetStreamManager, type NatsConnection } from 'nats';
import { fault, ok } from '../../actors/domain/envelope';
import { groupsOf, STREAMS } from '../../actors/domain/events';
import type { Delivery, DeliveryVerdict, Publication, Transport } from '../../actors/domain/ports/transport';
import { connectNats } from '../../transport/nats';
import { freePort, startNats, until, type NatsServer } from '../helpers/servers';
import { deleteStreams, envelope, gate, joinNats, listeningLogger } from './transport-worlds';

const DONE: DeliveryVerdict = { verdict: 'done' };
const REFUNDS = 'pay_payTopic_refund_group';
const refund = (messageId: string): Publication => ({
  stream: 'payTopic',
  tag: 'pay_refund',
  messageId,
  body: `"${messageId}"`,
});

describe('the transport over NATS', () => {
  let server: NatsServer;
  let raw: NatsConnection;
  let manager: JetStreamManager;
  const opened: Transport[] = [];

  const join = async (name = 'test', logger = listeningLogger()) => {
    const transport = await joinNats(server.url, name, logger);
    opened.push(transport);
    return transport;
  };

  beforeAll(async () => {
    server = await startNats();
    raw = await connect({ servers: server.url });
    manager = await raw.jetstreamManager();
  });
  afterAll(async () => {
    await raw.close();
    await server.stop();
  });
  beforeEach(() => deleteStreams(server.url));
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close(2_000)));
  });

  describe('batches', () => {
    it('carry what one tick has for a node, and all of its answers, in one message each way', async () => {
      const [near, far] = [await join('near'), await join('far')];
      await far.receive('far', ({ key }) => Promise.resolve(ok(key)));
      const messages: { there: boolean; items: unknown[] }[] = [];
      const taps = ['trade.node.far', '_INBOX_trade.*.answers'].map((subject) =>
        raw.subscribe(subject, {
          callback: (_, msg) => messages.push({ there: subject === 'trade.node.far', items: msg.json() }),
        }),
      );
      await raw.flush();
      const keys = Array.from({ length: 100 }, (_, n) => String(n));
      await Promise.all(keys.map((key) => near.send('far', envelope(key), 5_000)));
      await Promise.all(taps.map((tap) => tap.drain()));
      expect(messages.map(({ there, items }) => [there, items.length])).toEqual([
        [true, 100],
        [false, 100],
      ]);
    });
  });

  describe('poison', () => {
    it('on a node subject is logged and dropped, whole or by item', async () => {
      const logger = listeningLogger();
      const [near, far] = [await join('near'), await join('far', logger)];
      await far.receive('far', ({ key }) => Promise.resolve(ok(key)));
      raw.publish('trade.node.far', Buffer.from([0xff, 0xfe, 0x00]), { reply: 'nowhere.1-1' });
      raw.publish('trade.node.far', '{"ask":1}', { reply: 'nowhere.1-1' });
      raw.publish('trade.node.far', '[]');
      const answers = raw.subscribe('poison.answers', { max: 1 });
      const items = [null, 7, { ask: 'x' }, { ask: 1 }, { ask: 2, envelope: envelope('fine') }];
      raw.publish('trade.node.far', JSON.stringify(items), { reply: 'poison.1-5' });
      for await (const msg of answers) {
        expect(msg.json()).toEqual([
          { ask: 1, answer: fault('not an envelope') },
          { ask: 2, answer: ok('fine') },
        ]);
      }
      await expect(near.send('far', envelope('k'), 5_000)).resolves.toEqual(ok('k'));
      expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(7);
    });

    it('on the front door comes to the handler as text', async () => {
      const near = await join();
      await near.serve('trade.goods.find', (body) => Promise.resolve(`heard ${body.length}`));
      const reply = await raw.request('trade.goods.find', Buffer.from([0xff, 0xfe]), { timeout: 5_000 });
      expect(reply.string()).toBe('heard 2');
      raw.publish('trade.goods.find', 'to nobody');
      await expect(near.request('trade.goods.find', '', 5_000)).resolves.toBe('heard 0');
    });

    it('on a stream comes to the handler as text, and its number is its id', async () => {
      const near = await join();
      await near.ensureStreams();
      const heard: Delivery[] = [];
      await near.consume(REFUNDS, 2, (delivery) => {
        heard.push(delivery);
        return Promise.resolve(DONE);
      });
      await raw.jetstream().publish('payTopic.pay_refund', Buffer.from([0xff, 0x41]));
      await raw.jetstream().publish('payTopic.no_such_tag', 'x');
      await near.publish(refund('m1'));
      await until('both', () => heard.length === 2);
      expect(heard).toMatchObject([
        { messageId: 'payTopic:1', tag: 'pay_refund', body: '\ufffdA' },
        { messageId: 'm1', tag: 'pay_refund', body: '"m1"' },
      ]);
    });
  });

  describe('the front door', () => {
    it('is one micro service, and hands over the trace', async () => {
      const [one, other] = [await join('one'), await join('other')];
      const traces: (string | undefined)[] = [];
      for (const transport of [one, other]) {
        for (const subject of ['trade.order.place', 'trade.goods.find']) {
          await transport.serve(subject, (_body, trace) => {
            traces.push(trace);
            return Promise.resolve('{}');
          });
        }
      }
      const client = raw.services.client();
      const infos = [];
      for await (const info of await client.info('trade')) infos.push(info);
      expect(infos).toHaveLength(2);
      expect(infos[0]).toMatchObject({ name: 'trade', version: '0.1.0' });
      expect(infos[0]!.endpoints.map(({ name, subject }) => [name, subject])).toEqual([
        ['order-place', 'trade.order.place'],
        ['goods-find', 'trade.goods.find'],
      ]);
      const { headers } = await import('nats');
      const traced = headers();
      traced.set('traceparent', '00-a-b-01');
      await raw.request('trade.order.place', '{}', { timeout: 5_000, headers: traced });
      await raw.request('trade.order.place', '{}', { timeout: 5_000 });
      expect(traces).toEqual(['00-a-b-01', undefined]);
    });
  });

  describe('streams', () => {
    it('are made once, with their durables, also when nodes race', async () => {
      const nodes = await Promise.all(['a', 'b', 'c'].map((name) => join(name)));
      let losses = 0;
      for (const node of nodes) node.onStreamsLost(() => (losses += 1));
      await Promise.all(nodes.map((node) => node.ensureStreams()));
      const info = await manager.streams.info('orderTopic');
      await nodes[0]!.ensureStreams();
      expect(await manager.streams.info('orderTopic')).toMatchObject({ created: info.created });
      expect(losses).toBe(0);
      expect(info.config).toMatchObject({
        subjects: ['orderTopic.>'],
        storage: 'file',
        retention: 'limits',
        max_age: 7 * 86_400 * 1e9,
        duplicate_window: 120 * 1e9,
        num_replicas: 1,
      });
      const durable = await manager.consumers.info('orderTopic', 'order_orderTopic_cancel_goods_group');
      expect(durable.config).toMatchObject({
        filter_subject: 'orderTopic.order_cancel',
        ack_policy: AckPolicy.Explicit,
        ack_wait: 30 * 1e9,
        max_deliver: -1,
        max_ack_pending: 1_000,
      });
    });

    it('keep their durables, with the newest options', async () => {
      await (await join()).ensureStreams();
      const later = await connectNats({
        servers: server.url,
        name: 'later',
        ackWaitMs: 5_000,
        logger: listeningLogger(),
      });
      opened.push(later);
      await later.ensureStreams();
      expect((await manager.consumers.info('payTopic', REFUNDS)).config.ack_wait).toBe(5 * 1e9);
    });

    it('of another number of copies are used as they are, and the log says once how to change them', async () => {
      await (await join()).ensureStreams();
      const logger = listeningLogger();
      const grown = await connectNats({ servers: server.url, name: 'grown', replicas: 3, logger });
      opened.push(grown);
      await grown.ensureStreams();
      await grown.ensureStreams();
      expect(logger.lines.map(({ level, message }) => `${level} ${message}`).sort()).toEqual(
        STREAMS.map(
          (stream) =>
            `warn the copies of ${stream} are 1, not NATS_REPLICAS: nats stream edit ${stream} --replicas 3`,
        ),
      );
      await grown.publish(refund('m1'));
      expect((await manager.streams.info('payTopic')).config.num_replicas).toBe(1);
    });

    it('are waited for at a broker that is slow', async () => {
      const logger = listeningLogger();
      const near = await join('test', logger);
      process.kill(server.pid, 'SIGSTOP');
      const ensured = near.ensureStreams();
      try {
        await until('the first try to be over', () => logger.lines.length > 0, 20_000);
      } finally {
        process.kill(server.pid, 'SIGCONT');
      }
      await ensured;
      for (const stream of STREAMS) expect(await manager.streams.info(stream)).toHaveProperty('created');
    });

    it('that are deleted under a publisher are made again, and it is told', async () => {
      const near = await join();
      await near.ensureStreams();
      let losses = 0;
      near.onStreamsLost(() => (losses += 1));
      await near.publish(refund('m1'));
      expect(losses).toBe(0);
      await deleteStreams(server.url);
      await near.publish(refund('m1'));
      expect(losses).toBe(1);
      expect((await manager.streams.info('payTopic')).state.messages).toBe(1);
    });

    it('that do not keep an event say why', async () => {
      const near = await join();
      await near.ensureStreams();
      await manager.streams.update('payTopic', { max_msg_size: 10 });
      await expect(near.publish(refund('long enough to be refused'))).rejects.toMatchObject({
        reason: 'no-responders',
        message: expect.stringMatching(/message size exceeds maximum/) as string,
      });
    });

    it('that we may not publish to say so at once', async () => {
      const config =
        'authorization { users: [{ user: u, password: p, permissions: { publish: { deny: ["payTopic.>"] } } }] }';
      const own = await startNats({ config });
      const near = await connectNats({
        servers: own.url,
        user: 'u',
        pass: 'p',
        name: 'x',
        logger: listeningLogger(),
      });
      try {
        await near.ensureStreams();
        await expect(near.publish(refund('m1'))).rejects.toThrow(/we may not publish to payTopic.pay_refund/);
      } finally {
        await near.close(1_000);
        await own.stop();
      }
    });

    it('whose broker goes away before its receipt leave open whether they have the event', async () => {
      const own = await startNats();
      const near = await joinNats(own.url, 'x', listeningLogger());
      try {
        await near.ensureStreams();
        process.kill(own.pid, 'SIGSTOP');
        const sent = near.publish(refund('m1'));
        process.kill(own.pid, 'SIGKILL');
        await expect(sent).rejects.toMatchObject({ reason: 'disconnected' });
      } finally {
        await near.close(1_000);
        await own.stop();
      }
    });

    it('that are deleted under consumers are made again, and they go on', async () => {
      const near = await join();
      const other = await join('other');
      const told = new Set<Transport>();
      for (const node of [near, other]) {
        await node.ensureStreams();
        node.onStreamsLost(() => told.add(node));
      }
      const heard: string[] = [];
      for (const { name } of groupsOf('pay_status')) {
        await near.consume(name, 2, ({ messageId }) => {
          heard.push(`${name} ${messageId}`);
          return Promise.resolve(DONE);
        });
      }
      await other.consume(REFUNDS, 2, () => Promise.resolve(DONE));
      const paid = (messageId: string): Publication => ({
        stream: 'payTopic',
        tag: 'pay_status',
        messageId,
        body: '{}',
      });
      await near.publish(paid('m1'));
      await until('the first', () => heard.length === 3);
      await deleteStreams(server.url);
      // Both nodes learn of it by themselves: either may be the one to live and send the outbox again.
      await until('both to be told', () => told.size === 2);
      await near.publish(paid('m1'));
      await near.publish(paid('m2'));
      await until('all again', () => heard.length === 9);
      expect(heard.filter((one) => one.endsWith('m2'))).toHaveLength(3);
    });

    it('deliver on when only a durable was deleted', async () => {
      const near = await join();
      await near.ensureStreams();
      const heard: string[] = [];
      await near.consume(REFUNDS, 2, ({ messageId }) => {
        heard.push(messageId);
        return Promise.resolve(DONE);
      });
      await manager.consumers.delete('payTopic', REFUNDS);
      await near.publish(refund('m1'));
      await until('it', () => heard.includes('m1'));
    });

    it('do not take the verdict on a message of a stream that is gone', async () => {
      const near = await join();
      await near.ensureStreams();
      let isLost = false;
      near.onStreamsLost(() => {
        isLost = true;
      });
      const gates = [gate(), gate(), gate()];
      const heard: boolean[] = [];
      await near.consume(REFUNDS, 2, async ({ redelivered }) => {
        const turn = heard.push(redelivered) - 1;
        await gates[turn]!.opened;
        return turn === 1 ? { verdict: 'again', afterMs: 1 } : DONE;
      });
      await near.publish(refund('m1'));
      await until('the first', () => heard.length === 1);
      await deleteStreams(server.url);
      await until('the new streams', () => isLost);
      // The same number in the new stream, so that the old acknowledgement would fit it.
      await near.publish(refund('m1'));
      await until('the second', () => heard.length === 2);
      gates[0]!.open();
      await new Promise(setImmediate);
      await raw.flush();
      gates[1]!.open();
      await until('the second once more', () => heard.length === 3);
      expect(heard).toEqual([false, false, true]);
      gates[2]!.open();
    });

    it('do not deliver again while a handler runs for longer than the broker waits', async () => {
      const near = await connectNats({
        servers: server.url,
        name: 'slow',
        ackWaitMs: 2_000,
        logger: listeningLogger(),
      });
      opened.push(near);
      await near.ensureStreams();
      let signs = 0;
      const tap = raw.subscribe(`$JS.ACK.payTopic.${REFUNDS}.>`, {
        callback: (_, msg) => {
          if (msg.string() === '+WPI') signs += 1;
        },
      });
      const doors = gate();
      const heard: boolean[] = [];
      await near.consume(REFUNDS, 2, async ({ redelivered }) => {
        heard.push(redelivered);
        await doors.opened;
        return DONE;
      });
      await near.publish(refund('m1'));
      await until('it', () => heard.length === 1);
      await until('signs of life for longer than that', () => signs >= 5);
      doors.open();
      await until(
        'the ack',
        async () => (await manager.consumers.info('payTopic', REFUNDS)).num_ack_pending === 0,
      );
      await tap.drain();
      expect(heard).toEqual([false]);
    });
  });

  describe('connecting', () => {
    it('waits for a broker that comes a little later', async () => {
      const port = await freePort();
      const logger = listeningLogger();
      const joining = joinNats(`nats://127.0.0.1:${port}`, 'early', logger);
      await until('a first try', () => logger.lines.length > 0);
      const late = await startNats({ port });
      const near = await joining;
      expect(near.isConnected()).toBe(true);
      await near.close(1_000);
      await late.stop();
    });

    it('gives up at once on a wrong password', async () => {
      const guarded = await startNats({ args: ['--user', 'shop', '--pass', 'right'] });
      const at = { servers: guarded.url, name: 'test', user: 'shop', logger: listeningLogger() };
      await expect(connectNats({ ...at, pass: 'wrong' })).rejects.toMatchObject({ reason: 'credentials' });
      const near = await connectNats({ ...at, pass: 'right' });
      await near.close(1_000);
      await guarded.stop();
    });
  });
});

describe('the transport over a NATS that restarts', () => {
  interface Both {
    readonly near: Transport;
    readonly far: Transport;
    readonly heard: string[];
    readonly losses: () => number;
  }

  async function busy(url: string): Promise<Both> {
    const [near, far] = [await joinNats(url, 'near'), await joinNats(url, 'far')];
    const heard: string[] = [];
    let losses = 0;
    await near.ensureStreams();
    near.onStreamsLost(() => (losses += 1));
    await far.receive('far', ({ key }) => Promise.resolve(ok(key)));
    await far.serve('trade.order.find', () => Promise.resolve('reply'));
    await far.consume(REFUNDS, 2, ({ messageId }) => {
      heard.push(messageId);
      return Promise.resolve(DONE);
    });
    await near.publish(refund('before'));
    await until('the first event', () => heard.length === 1);
    return { near, far, heard, losses: () => losses };
  }

  async function works({ near, far, heard }: Both): Promise<void> {
    await until('both to be back', () => near.isConnected() && far.isConnected());
    await until('an answer', async () => (await near.send('far', envelope('k'), 2_000)).outcome === 'ok');
    await until('a reply', async () => (await near.request('trade.order.find', '{}', 2_000)) === 'reply');
    await until('a publication', () => near.publish(refund('after')).then(() => true));
    await until('its delivery', () => heard.includes('after'));
  }

  it('goes on by itself where it was', async () => {
    const first = await startNats();
    const both = await busy(first.url);
    let reconnects = 0;
    both.near.onReconnect(() => {
      reconnects += 1;
    });
    const forgotten = both.near.send('nobody', envelope('k'), 1_000).catch((error: unknown) => error);
    first.kill();
    await until('both to notice', () => !both.near.isConnected() && !both.far.isConnected());
    const disconnected = { reason: 'disconnected' };
    await expect(both.near.send('far', envelope('k'), 5_000)).rejects.toMatchObject(disconnected);
    await expect(both.near.request('trade.order.find', '{}', 5_000)).rejects.toMatchObject(disconnected);
    await expect(both.near.publish(refund('while away'))).rejects.toMatchObject(disconnected);
    expect(await forgotten).toHaveProperty('reason');
    const second = await startNats({ port: first.port, storeDir: first.storeDir });
    await works(both);
    expect(reconnects).toBe(1);
    expect(both.losses()).toBe(0);
    await Promise.all([both.near.close(2_000), both.far.close(2_000)]);
    await second.stop();
  });

  it('begins to listen and makes its streams, though the broker goes away meanwhile', async () => {
    const first = await startNats();
    const [near, far] = [await joinNats(first.url, 'near'), await joinNats(first.url, 'far')];
    first.kill();
    await until('both to notice', () => !near.isConnected() && !far.isConnected());
    const begun = [
      near.ensureStreams(),
      far.receive('far', ({ key }) => Promise.resolve(ok(key))),
      far.serve('trade.order.find', () => Promise.resolve('reply')),
    ];
    const second = await startNats({ port: first.port, storeDir: first.storeDir });
    await Promise.all(begun);
    await expect(near.send('far', envelope('k'), 2_000)).resolves.toEqual(ok('k'));
    await expect(near.request('trade.order.find', '{}', 2_000)).resolves.toBe('reply');
    await near.publish(refund('at last'));
    await Promise.all([near.close(2_000), far.close(2_000)]);
    await second.stop();
  });

  it('does not tell later what was broadcast while it was away', async () => {
    const first = await startNats();
    const [near, far] = [await joinNats(first.url, 'near'), await joinNats(first.url, 'far')];
    const heard: string[] = [];
    await far.onBroadcast((message) => heard.push(message));
    near.broadcast('before');
    await until('the first', () => heard.length === 1);
    first.kill();
    await until('both to notice', () => !near.isConnected() && !far.isConnected());
    near.broadcast('while away');
    const second = await startNats({ port: first.port, storeDir: first.storeDir });
    await until('both to be back', () => near.isConnected() && far.isConnected());
    await until('a broadcast to come through', () => {
      near.broadcast('after');
      return heard.includes('after');
    });
    expect(new Set(heard)).toEqual(new Set(['before', 'after']));
    await Promise.all([near.close(2_000), far.close(2_000)]);
    await second.stop();
  });

  it('goes on, and says that the streams are lost, when the whole store is', async () => {
    const first = await startNats();
    const both = await busy(first.url);
    await first.stop();
    const second = await startNats({ port: first.port });
    await works(both);
    expect(both.losses()).toBe(1);
    await Promise.all([both.near.close(2_000), both.far.close(2_000)]);
    await second.stop();
  });

  it('can be closed while the broker is away, and leaves nothing running', async () => {
    const resources = () =>
      process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap' || one === 'Timeout').length;
    const before = resources();
    const server = await startNats();
    const { near, far } = await busy(server.url);
    await near.close(2_000);
    server.kill();
    await until('the far end to notice', () => !far.isConnected());
    await far.close(500);
    expect(far.isConnected()).toBe(false);
    await until('nothing to be left', () => resources() <= before);
    await server.stop();
  });
});
