// The short form of `npm run fuzz`: a few thousand hostile inputs by every way in, and nothing comes of them.
import { STREAMS } from '../../actors/domain/events';
import { FRONT_DOOR } from '../../actors/domain/front-door';
import { EVENT_BODIES } from '../../actors/domain/schemas';
import { openHttpShop } from '../helpers/http-shop';
import { fuzz, type FuzzReport } from './fuzz';
import { routesOf } from './http-ways';
import { NODE_SUBJECT } from './node-commands';

jest.setTimeout(90_000);

describe('over PostgreSQL and NATS', () => {
  let report: FuzzReport;
  beforeAll(async () => {
    report = await fuzz({ inputs: 1_800, seed: 1, real: true, concurrency: 32 });
  }, 90_000);

  test('nothing comes of hostile input', () => {
    expect(report.findings).toEqual([]);
  });

  test('every route, subject and event gets some', async () => {
    const shop = await openHttpShop();
    const routes = (await routesOf(shop.url)).map(({ method, path }) => `${method} ${path}`);
    await shop.close();
    const requests = Object.keys(FRONT_DOOR).map((request) => `trade.${request}`);
    const events = STREAMS.flatMap((stream) => Object.keys(EVENT_BODIES).map((tag) => `${stream}.${tag}`));
    const wanted = [...routes, ...requests, ...events, NODE_SUBJECT, 'trade.cluster.heartbeat'];
    expect(wanted.filter((way) => !report.sent.has(way))).toEqual([]);
    expect(routes.length).toBeGreaterThan(30);
  });
});
