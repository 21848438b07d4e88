// The victims as the shop shows them to themselves and to operators: the same before and after.
import { must, Shop } from '../helpers/shop';
import type { World } from './world';

/** Events come again and again; what they did is in the other members. */
const WITHOUT_EVENTS = ({ outbox: _outbox, inbox: _inbox, ...rest }: Readonly<Record<string, unknown>>) =>
  rest;

/** @returns a text to be compared */
export async function picture({ node, victims }: World): Promise<string> {
  const shop = new Shop(node);
  const own = async (userId: string, path: string) =>
    must(await shop.request('GET', path, { token: node.token(userId) })).data;
  const users = await Promise.all(
    victims.userIds.map(async (userId) => [
      await own(userId, `/user/${userId}`),
      await own(userId, '/order?limit=200'),
      await own(userId, `/coupon?userId=${userId}&limit=200`),
    ]),
  );
  const orders = await Promise.all(
    [...victims.unpaid, ...victims.paid].map((orderId) => shop.orderBooks(orderId)),
  );
  return JSON.stringify([users, orders.map(WITHOUT_EVENTS)], undefined, 1);
}

/** @returns the first lines that differ */
export function changes(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const then = before.split('\n');
  const lines = after.split('\n');
  const place = lines.findIndex((line, at) => line !== then[at]);
  return [`a victim has changed: ${then[place] ?? ''} is now ${lines[place] ?? ''}`];
}
