// What keeps a node from its broker, in one line that names the settings to look at.
import type { BrokerRefusal, RefusalReason } from '../transport/nats-refusals';
import type { NatsConfig } from './config-sections';

/** The refusal in the words of the configuration. */
export function describeRefusal({ reason, message }: BrokerRefusal, nats: NatsConfig): string {
  const where = nats.servers.join(', ');
  const lines: Readonly<Record<RefusalReason, string>> = {
    absent: `NATS_URL: no broker answers at ${where}`,
    credentials: `${shown(nats)}: the broker at ${where} does not let us in`,
    'broker certificate': `${nats.ca === undefined ? 'NATS_CA is not set' : 'NATS_CA'}: the certificate of ${where} cannot be trusted`,
    'client certificate': `${nats.certificate === undefined ? 'NATS_CERT and NATS_KEY are not set' : 'NATS_CERT'}: the broker at ${where} asks for a certificate that it trusts`,
    'no TLS': `NATS_URL: the broker at ${where} offers no TLS, which tls://, NATS_CA or NATS_CERT ask for`,
  };
  return `${lines[reason]} (${message.replaceAll("'", '')})`;
}

/** The names of the settings by which the node said who it is. */
function shown(nats: NatsConfig): string {
  const given = [
    ...(nats.user === undefined ? [] : ['NATS_USER, NATS_PASSWORD']),
    ...(nats.token === undefined ? [] : ['NATS_TOKEN']),
    ...(nats.nkeySeed === undefined ? [] : ['NATS_NKEY_SEED']),
    ...(nats.credentials === undefined ? [] : ['NATS_CREDS']),
  ];
  return given.length === 0
    ? 'NATS_USER, NATS_TOKEN, NATS_NKEY_SEED or NATS_CREDS is needed'
    : given.join(', ');
}
