import { localUrl } from './local-url';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['192.168.1.5', 'http://192.168.1.5:3000'],
  ['shop.local', 'http://shop.local:3000'],
  ['::1', 'http://[::1]:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://127.0.0.1:3000'],
])('what listens on %s is reached at %s', (host, url) => {
  expect(localUrl(host, 3_000)).toBe(url);
});
