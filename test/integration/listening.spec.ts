// A node that listens on one address only: the shop, its sandbox platform and the callbacks find each other there.
import { BACKENDS, type TestNode } from '../helpers/node';
import { PHONE, Shop } from '../helpers/shop';

const [embedded] = BACKENDS;
let node: TestNode;

beforeAll(async () => {
  node = await embedded!.open({ HOST: '127.0.0.2' });
}, 90_000);
afterAll(() => node.remove());

it('sells, is paid, and says where it is', async () => {
  const shop = new Shop(node);
  await shop.paidOrder(await shop.confirmedOrder([PHONE]));
  expect(node.logs()).toContain(`The shop    ${node.url}\n`);
  expect(node.logs()).toContain(`Sandbox     ${node.sandboxUrl}\n`);
});
