// What every transport promises, in one process or over NATS.
import { fault, ok } from '../../actors/domain/envelope';
import { groupsOf } from '../../actors/domain/events';
import type { Delivery, DeliveryVerdict, Publication, Transport } from '../../actors/domain/ports/transport';
import { until } from '../helpers/servers';
import { envelope, gate, inProcess, overNats } from './transport-worlds';

const DONE: DeliveryVerdict = { verdict: 'done' };
const again = (afterMs: number): DeliveryVerdict => ({ verdict: 'again', afterMs });
const refund = (messageId: string, body = '{}'): Publication => ({
  stream: 'payTopic',
  tag: 'pay_refund',
  messageId,
  body,
});
const REFUNDS = 'pay_payTopic_refund_group';

describe.each([inProcess, overNats()])('the transport: $name', (world) => {
  let near: Transport;
  let far: Transport;

  beforeAll(() => world.start());
  afterAll(() => world.stop());
  beforeEach(async () => {
    ({ near, far } = await world.open());
  });
  afterEach(async () => {
    await Promise.all([near.close(2_000), far.close(2_000)]);
  });

  describe('envelopes', () => {
    it('go to the node they are for, and its answer comes back', async () => {
      const sent = envelope('k', {
        trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        inbox: { group: 'g', tag: 't', key: 'k', messageId: 'm', body: '{}' },
      });
      const heard: unknown[] = [];
      await far.receive('shop.host-1', (one) => {
        heard.push(one);
        return Promise.resolve(ok({ stock: 7, ü: 'ß' }));
      });
      await expect(near.send('shop.host-1', sent, 5_000)).resolves.toEqual(ok({ stock: 7, ü: 'ß' }));
      expect(heard).toEqual([sent]);
      expect(heard[0]).not.toBe(sent);
    });

    it('get each its own answer, in whatever order they are answered', async () => {
      await far.receive('far', async ({ key }) => {
        if (Number(key) % 2 === 0) await new Promise(setImmediate);
        return ok(key);
      });
      const keys = Array.from({ length: 2_000 }, (_, n) => String(n));
      const answers = await Promise.all(keys.map((key) => near.send('far', envelope(key), 10_000)));
      expect(answers).toEqual(keys.map((key) => ok(key)));
    });

    it('fail at once when no such node listens', async () => {
      await expect(near.send('nobody', envelope('k'), 60_000)).rejects.toMatchObject({
        reason: 'no-responders',
      });
    });

    it('fail when there is no answer in time', async () => {
      const silence = gate();
      await far.receive('far', async ({ key }) => {
        if (key === 'slow') await silence.opened;
        return ok(key);
      });
      const slow = near.send('far', envelope('slow'), 100);
      await expect(near.send('far', envelope('quick'), 5_000)).resolves.toEqual(ok('quick'));
      await expect(slow).rejects.toMatchObject({ reason: 'timeout' });
      silence.open();
    });

    it('are answered with a fault when the handler fails, each for itself', async () => {
      await far.receive('far', ({ key }) => {
        if (key === 'throws') throw new Error('thrown');
        return key === 'rejects' ? Promise.reject(new Error('rejected')) : Promise.resolve(ok(key));
      });
      const answers = ['throws', 'rejects', 'fine'].map((key) => near.send('far', envelope(key), 5_000));
      await expect(Promise.all(answers)).resolves.toEqual([fault('thrown'), fault('rejected'), ok('fine')]);
    });

    it('that do not decode are answered with a fault and harm no other', async () => {
      await far.receive('far', ({ key }) => Promise.resolve(ok(key)));
      const bad = near.send('far', envelope('bad', { kind: 'spaceship' as never }), 5_000);
      const good = near.send('far', envelope('good'), 5_000);
      await expect(Promise.all([bad, good])).resolves.toEqual([fault('not an envelope'), ok('good')]);
    });

    it('that are too large are refused and harm no other', async () => {
      await far.receive('far', ({ key }) => Promise.resolve(ok(key.length)));
      const large = near.send('far', envelope('x'.repeat(2_000_000)), 5_000);
      const others = Array.from({ length: 30 }, () =>
        near.send('far', envelope('x'.repeat(100_000)), 10_000),
      );
      await expect(large).rejects.toMatchObject({ reason: 'too-large' });
      await expect(Promise.all(others)).resolves.toEqual(others.map(() => ok(100_000)));
    });

    it('to a node that is given up on fail at once, and those to others go on', async () => {
      const doors = gate();
      let running = 0;
      const slowly = async () => {
        running += 1;
        await doors.opened;
        return ok('answered');
      };
      await far.receive('far', slowly);
      await near.receive('near', slowly);
      const given = near.send('far', envelope('k'), 60_000);
      const other = near.send('near', envelope('k'), 60_000);
      await until('both to run', () => running === 2);
      near.giveUpOn('far');
      await expect(given).rejects.toMatchObject({ reason: 'disconnected' });
      doors.open();
      await expect(other).resolves.toEqual(ok('answered'));
      // It is not shunned: what it answers from now on counts.
      await expect(near.send('far', envelope('k'), 5_000)).resolves.toEqual(ok('answered'));
    });

    it('get a fault when their answer is too large', async () => {
      await far.receive('far', () => Promise.resolve(ok('x'.repeat(2_000_000))));
      await expect(near.send('far', envelope('k'), 5_000)).resolves.toMatchObject({ outcome: 'fault' });
    });
  });

  describe('broadcasts', () => {
    it('come to every node, the sender too, in the order of sending', async () => {
      const heard = new Map<Transport, string[]>([
        [near, []],
        [far, []],
      ]);
      for (const [transport, messages] of heard) {
        await transport.onBroadcast((message) => messages.push(message));
      }
      near.broadcast('{"ü":1}');
      near.broadcast('{"ü":2}');
      const all = ['{"ü":1}', '{"ü":2}'];
      for (const messages of heard.values()) {
        await until('both', () => messages.length >= 2);
        expect(messages).toEqual(all);
      }
    });

    it('are not sent any more, and do no harm, once the transport closes', async () => {
      const heard: string[] = [];
      await far.onBroadcast((message) => heard.push(message));
      far.broadcast('first');
      await until('the first', () => heard.length === 1);
      const state = { isClosed: false };
      const closing = near.close(2_000).then(() => (state.isClosed = true));
      while (!state.isClosed) {
        near.broadcast('late');
        await new Promise(setImmediate);
      }
      await closing;
      expect(heard).toEqual(['first']);
    });
  });

  describe('the front door', () => {
    it('takes a body and gives a reply', async () => {
      await far.serve('trade.goods.find', (body) => Promise.resolve(`{"heard":${body}}`));
      await far.serve('trade.order.place', () => Promise.resolve('other'));
      await expect(near.request('trade.goods.find', '{"ü":1}', 5_000)).resolves.toBe('{"heard":{"ü":1}}');
    });

    it('says when nobody serves, or nobody replies in time', async () => {
      const silence = gate();
      await far.serve('trade.order.find', () => silence.opened.then(() => 'late'));
      await expect(near.request('trade.order.find', '{}', 100)).rejects.toMatchObject({ reason: 'timeout' });
      await expect(near.request('trade.wallet.find', '{}', 60_000)).rejects.toMatchObject({
        reason: 'no-responders',
      });
      silence.open();
    });

    it('fails without delay when the handler fails, or the body is too large', async () => {
      await far.serve('trade.order.find', () => Promise.reject(new Error('broken')));
      await expect(near.request('trade.order.find', '{}', 60_000)).rejects.toMatchObject({
        reason: 'timeout',
      });
      await expect(near.request('trade.order.find', 'x'.repeat(2_000_000), 60_000)).rejects.toMatchObject({
        reason: 'too-large',
      });
    });
  });

  describe('events', () => {
    it('come to every group of their tag once', async () => {
      const heard: [string, Delivery][] = [];
      for (const group of [...groupsOf('order_cancel'), ...groupsOf('pay_status')]) {
        await far.consume(group.name, 4, (delivery) => {
          heard.push([group.name, delivery]);
          return Promise.resolve(DONE);
        });
      }
      await near.publish({
        stream: 'orderTopic',
        tag: 'order_cancel',
        messageId: 'order_cancel:1',
        body: '{"ü":1}',
      });
      await near.publish({
        stream: 'orderTopic',
        tag: 'order_confirm',
        messageId: 'order_confirm:1',
        body: '{}',
      });
      await near.publish({ stream: 'payTopic', tag: 'pay_status', messageId: 'pay_status:1', body: '{}' });
      await until('all deliveries', () => heard.length >= 7);
      expect(heard.map(([group, { messageId }]) => [group, messageId]).sort()).toEqual(
        [
          ...groupsOf('order_cancel').map(({ name }) => [name, 'order_cancel:1']),
          ...groupsOf('pay_status').map(({ name }) => [name, 'pay_status:1']),
        ].sort(),
      );
      const cancel = heard.find(([, { tag }]) => tag === 'order_cancel')![1];
      expect(cancel).toMatchObject({ tag: 'order_cancel', body: '{"ü":1}', redelivered: false });
      cancel.stillWorking();
    });

    it('come again after the asked delay, and say so', async () => {
      const heard: [string, boolean][] = [];
      await far.consume(REFUNDS, 1, ({ messageId, redelivered }) => {
        heard.push([messageId, redelivered]);
        return Promise.resolve(messageId === 'm1' && !redelivered ? again(1_000) : DONE);
      });
      await Promise.all([near.publish(refund('m1')), near.publish(refund('m2'))]);
      await until('three deliveries', () => heard.length >= 3);
      // With one place, only a delay lets m2 go first.
      expect(heard).toEqual([
        ['m1', false],
        ['m2', false],
        ['m1', true],
      ]);
    });

    it('come again when the handler throws or rejects', async () => {
      const heard: boolean[] = [];
      await far.consume(REFUNDS, 1, ({ redelivered }) => {
        heard.push(redelivered);
        if (heard.length === 1) throw new Error('thrown');
        return heard.length === 2 ? Promise.reject(new Error('rejected')) : Promise.resolve(DONE);
      });
      await near.publish(refund('m1'));
      await until('three deliveries', () => heard.length >= 3);
      expect(heard).toEqual([false, true, true]);
    });

    it('published twice under one id come once', async () => {
      const heard: string[] = [];
      await far.consume(REFUNDS, 1, ({ messageId }) => {
        heard.push(messageId);
        return Promise.resolve(DONE);
      });
      await Promise.all([near.publish(refund('m1')), near.publish(refund('m1'))]);
      await near.publish(refund('m1'));
      await near.publish(refund('m2'));
      await until('the last', () => heard.includes('m2'));
      expect(heard).toEqual(['m1', 'm2']);
    });

    it('may have ids of any characters, such as a platform gives its transactions', async () => {
      const heard: string[] = [];
      await far.consume(REFUNDS, 1, ({ body }) => {
        heard.push(body);
        return Promise.resolve(DONE);
      });
      const ids = [
        'a\r\nNats-Expected-Stream: x\r\n',
        'a%0D%0ANats-Expected-Stream: x%0D%0A',
        ' a',
        'a',
        '家\u0001',
      ];
      for (const id of ids) await near.publish(refund(id, `"${encodeURIComponent(id)}"`));
      await near.publish(refund(ids[0]!, '"again"'));
      await near.publish(refund('last', '"last"'));
      await until('the last', () => heard.includes('"last"'));
      expect(heard).toEqual([...ids.map((id) => `"${encodeURIComponent(id)}"`), '"last"']);
    });

    it('are outstanding until their group is done with them', async () => {
      // In one process an event is published once its groups are done.
      const published = ['m1', 'm2', 'm3'].map((messageId) => near.publish(refund(messageId)));
      const count = (expected: number) =>
        until(`${expected} outstanding`, async () => (await near.outstanding(REFUNDS)) === expected);
      await count(3);
      const held = gate();
      await far.consume(REFUNDS, 3, async ({ messageId, redelivered }) => {
        if (messageId === 'm1') return redelivered ? DONE : again(300);
        if (messageId === 'm2') await held.opened;
        return DONE;
      });
      await count(1);
      held.open();
      await count(0);
      await Promise.all(published);
      expect(await far.outstanding('pay_payTopic_log_group')).toBe(0);
    });

    it('are never under way in greater number than was asked for', async () => {
      const doors = gate();
      let running = 0;
      let most = 0;
      let done = 0;
      await far.consume(REFUNDS, 3, async () => {
        running += 1;
        most = Math.max(most, running);
        await doors.opened;
        running -= 1;
        done += 1;
        return DONE;
      });
      const all = Promise.all(Array.from({ length: 20 }, (_, n) => near.publish(refund(`m${n}`))));
      await until('all places taken', () => running === 3);
      doors.open();
      await all;
      await until('all done', () => done === 20);
      expect(most).toBe(3);
    });

    it('that were published before a group consumed wait for it', async () => {
      const published = near.publish(refund('m1', '"early"'));
      const heard: string[] = [];
      await far.consume(REFUNDS, 1, ({ body }) => {
        heard.push(body);
        return Promise.resolve(DONE);
      });
      await published;
      await until('it', () => heard.length === 1);
      expect(heard).toEqual(['"early"']);
    });

    it('go on to another consumer when one stops, after what runs has ended', async () => {
      const doors = gate();
      const first: string[] = [];
      let stopped = false;
      const consumption = await far.consume(REFUNDS, 1, async ({ messageId }) => {
        first.push(messageId);
        await doors.opened;
        return DONE;
      });
      const all = Promise.all(['m1', 'm2', 'm3'].map((messageId) => near.publish(refund(messageId))));
      await until('the first', () => first.length === 1);
      const stopping = consumption.stop().then(() => {
        stopped = true;
      });
      const second: string[] = [];
      await near.consume(REFUNDS, 1, ({ messageId }) => {
        second.push(messageId);
        return Promise.resolve(DONE);
      });
      await until('the second to take over', () => second.length === 2);
      expect(stopped).toBe(false);
      doors.open();
      await stopping;
      await all;
      expect([...first, ...second].sort()).toEqual(['m1', 'm2', 'm3']);
    });
  });

  describe('closing', () => {
    it('lets end what runs, and its answers out', async () => {
      const doors = gate();
      let running = 0;
      const slowly = async () => {
        running += 1;
        await doors.opened;
      };
      await far.receive('far', () => slowly().then(() => ok('answered')));
      await far.serve('trade.order.find', () => slowly().then(() => 'replied'));
      await far.consume(REFUNDS, 1, () => slowly().then(() => DONE));
      const answer = near.send('far', envelope('k'), 10_000);
      const reply = near.request('trade.order.find', '{}', 10_000);
      const published = near.publish(refund('m1'));
      await until('all to run', () => running === 3);
      const closing = far.close(10_000);
      doors.open();
      await expect(Promise.all([answer, reply, published])).resolves.toEqual([
        ok('answered'),
        'replied',
        undefined,
      ]);
      await closing;
    });

    it('does not wait longer than it may, and ends what waits for an answer', async () => {
      let isHeard = false;
      await far.receive('far', () => {
        isHeard = true;
        return new Promise(() => undefined);
      });
      const answer = near.send('far', envelope('k'), 60_000);
      answer.catch(() => undefined);
      await until('it to be heard', () => isHeard);
      await far.close(50);
      await near.close(50);
      await expect(answer).rejects.toMatchObject({ reason: 'timeout' });
    });

    it('leaves nothing that can be used', async () => {
      await near.close(1_000);
      expect(near.isConnected()).toBe(false);
      const disconnected = { reason: 'disconnected' };
      await expect(near.send('far', envelope('k'), 1_000)).rejects.toMatchObject(disconnected);
      await expect(near.request('trade.order.find', '{}', 1_000)).rejects.toMatchObject(disconnected);
      await expect(near.publish(refund('m1'))).rejects.toMatchObject(disconnected);
    });
  });
});

describe('the in-process transport', () => {
  it('has published when every group is done', async () => {
    const { near, far } = await inProcess.open();
    const doors = gate();
    let published = false;
    let done = 0;
    for (const { name } of groupsOf('pay_status')) {
      await far.consume(name, 1, async () => {
        if (name === 'pay_payTopic_log_group') await doors.opened;
        done += 1;
        return DONE;
      });
    }
    const event: Publication = { stream: 'payTopic', tag: 'pay_status', messageId: 'm1', body: '{}' };
    const publishing = near.publish(event).then(() => {
      published = true;
    });
    await until('the two quick groups', () => done === 2);
    expect(published).toBe(false);
    doors.open();
    await publishing;
    expect(done).toBe(3);
    await near.close(1_000);
  });

  it('tells who still waits for a group when it closes', async () => {
    const { near } = await inProcess.open();
    const publishing = near.publish(refund('m1'));
    await near.close(1_000);
    await expect(publishing).rejects.toMatchObject({ reason: 'timeout' });
  });
});
