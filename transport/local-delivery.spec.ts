import { ok, type Envelope } from '../actors/domain/envelope';
import { id } from '../actors/domain/ids';
import { LocalDelivery } from './local-delivery';

const envelope: Envelope = {
  kind: 'goods',
  id: id('7'),
  shard: 3,
  command: { type: 'FindGoods' },
  key: '7',
  attempt: 1,
};

function scene() {
  const travelled: string[] = [];
  const state = { isConnected: true };
  const local = new LocalDelivery('here', {
    isConnected: () => state.isConnected,
    send: (node) => {
      travelled.push(node);
      return Promise.resolve(ok('from afar'));
    },
  });
  return { local, travelled, state };
}

test('what is for this node is handed over as it is', async () => {
  const { local, travelled } = scene();
  const taken: Envelope[] = [];
  local.open((one, reply) => {
    taken.push(one);
    reply(ok('from here'));
  });
  expect(await local.send('here', envelope, 1_000)).toEqual(ok('from here'));
  expect(taken[0]).toBe(envelope);
  expect(travelled).toEqual([]);
});

test('what is for another travels, as does everything before the actors are there or while the broker is away', async () => {
  const { local, travelled, state } = scene();
  await local.send('here', envelope, 1_000);
  local.open((_one, reply) => reply(ok('from here')));
  await local.send('there', envelope, 1_000);
  state.isConnected = false;
  await local.send('here', envelope, 1_000);
  expect(travelled).toEqual(['here', 'there', 'here']);
});

test('an actor that is silent is a timeout, and a late answer changes nothing', async () => {
  const { local } = scene();
  let answer = (): void => undefined;
  local.open((_one, reply) => void (answer = () => reply(ok('late'))));
  await expect(local.send('here', envelope, 60)).rejects.toMatchObject({ reason: 'timeout' });
  answer();
});
