// What a load asks for before its customers come, as a shop hears it.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { stockMarket } from './market';
import { PATIENT, ShopClient } from './shop-client';

let server: Server;
let client: ShopClient;
const keys = new Map<string, string[]>();

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = String(request.url);
      keys.set(path, [...(keys.get(path) ?? []), (JSON.parse(body) as { requestKey: string }).requestKey]);
      response.end(JSON.stringify({ success: true, code: 1, message: '', data: {} }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new ShopClient({
    ...PATIENT,
    urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
  });
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('asks for each of its goods under a key of its own, which is an id', async () => {
  await stockMarket(client, 'token');
  const ofGoods = keys.get('/admin/goods') as string[];
  expect(ofGoods).toHaveLength(20);
  expect(new Set(ofGoods).size).toBe(20);
  expect(ofGoods.filter((key) => !/^[1-9]\d{0,17}$/.test(key))).toEqual([]);
});
