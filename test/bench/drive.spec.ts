// The client against a server of this test: what it is told is what it says.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { drive, type Load } from './drive';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function loadOn(answer: (place: number, response: ServerResponse) => void): Promise<Load> {
  let requests = 0;
  server = createServer((_request, response) => answer((requests += 1), response));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let left = 20;
  return {
    ports: [port],
    connections: 2,
    warmupMs: 0,
    measureMs: 10_000,
    next: () => ((left -= 1) < 0 ? undefined : 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'),
    isDone: ({ status, text }) => status === 200 && text === 'yes',
  };
}

const say = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-length': text.length }).end(text);

it('sends everything once and ends when there is nothing left', async () => {
  const { score, measuredMs } = await drive(await loadOn((_, response) => say(response, 200, 'yes')));
  expect([score.done, score.others]).toEqual([20, {}]);
  expect(measuredMs).toBeGreaterThan(0);
});

it('takes no refusal for a success', async () => {
  const load = await loadOn((place, response) => {
    if (place % 2 === 0) say(response, 409, '{"code":20003}');
    else say(response, 200, place % 4 === 1 ? 'yes' : 'no');
  });
  const { score } = await drive(load);
  expect([score.done, score.others]).toEqual([5, { '409 code 20003': 10, '200': 5 }]);
});

it('goes on with a new connection where one breaks or is closed', async () => {
  const load = await loadOn((place, response) => {
    if (place === 3) response.destroy();
    else say(place === 5 ? response.setHeader('connection', 'close') : response, 200, 'yes');
  });
  const { score } = await drive(load);
  expect([score.done, score.unknown]).toEqual([19, 1]);
});

it('sends no more than the rate asks for', async () => {
  const load = await loadOn((_, response) => say(response, 200, 'yes'));
  const { score } = await drive({ ...load, rate: 10, measureMs: 500 });
  expect(score.done).toBeLessThanOrEqual(5);
});
