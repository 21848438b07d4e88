import type { PeerCertificate } from 'node:tls';
import { tlsOptions } from './nats-tls';

const certificateOf = (...names: readonly string[]) =>
  ({ subject: {}, subjectaltname: names.join(', ') }) as unknown as PeerCertificate;

/** The fault of a certificate; undefined if it is trusted. */
const faultOf = (servers: readonly string[], host: string, certificate: PeerCertificate) =>
  tlsOptions(servers, {})?.checkServerIdentity(host, certificate);

/** What Node.js asks for where the client has no name for a broker. */
const NO_NAME = 'localhost';

test.each<readonly [string, readonly string[], string, PeerCertificate, boolean]>([
  ['trusted by its name', ['tls://nats-1:4222'], 'nats-1', certificateOf('DNS:nats-1'), true],
  ['not trusted under another name', ['tls://nats-1:4222'], 'nats-1', certificateOf('DNS:elsewhere'), false],
  ['trusted by its address', ['tls://10.0.0.1:4222'], NO_NAME, certificateOf('IP Address:10.0.0.1'), true],
  [
    'trusted by its IPv6 address',
    ['tls://[::1]:4222'],
    NO_NAME,
    certificateOf('IP Address:0:0:0:0:0:0:0:1'),
    true,
  ],
  [
    'not trusted at another address',
    ['tls://10.0.0.1:4222'],
    NO_NAME,
    certificateOf('IP Address:10.0.0.2'),
    false,
  ],
  [
    'trusted if another told of it by its address',
    ['tls://nats-1', 'tls://nats-2'],
    NO_NAME,
    certificateOf('DNS:nats-2'),
    true,
  ],
  [
    'not trusted if that is a stranger',
    ['tls://nats-1', 'tls://nats-2'],
    NO_NAME,
    certificateOf('DNS:evil'),
    false,
  ],
  ['not trusted with a certificate for no name', ['tls://nats-1'], NO_NAME, certificateOf(), false],
])('a broker is %s', (_how, servers, host, certificate, isTrusted) => {
  expect(faultOf(servers, host, certificate) === undefined).toBe(isTrusted);
});
