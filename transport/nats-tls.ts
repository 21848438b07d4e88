// TLS to the broker, where the client by itself would ask for too little or look for the wrong name.
import type { ConnectionOptions } from 'nats';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

type TlsOptions = ConnectionOptions['tls'];

/**
 * The client pays no heed to `tls://`, and would talk in the clear where the broker allows it. So that asks for TLS
 * as much as a file does.
 * @returns undefined if neither does; then TLS is used where the broker demands it
 */
export function tlsOptions(servers: readonly string[], files: TlsFiles | undefined): TlsOptions | undefined {
  const urls = servers.map((server) => new URL(server));
  if (files === undefined && urls.every(({ protocol }) => protocol !== 'tls:')) return undefined;
  const hosts = urls.map(({ hostname }) => hostname.replace(/^\[|\]$/g, ''));
  const options = { ...files, checkServerIdentity: identityCheck(hosts) };
  return options;
}

/**
 * The client has no name for a broker that was given by its address, and without a name Node.js looks for `localhost`
 * in the certificate. The addresses that were configured are what it should look for.
 */
function identityCheck(hosts: readonly string[]) {
  const nameless = hosts.filter((host) => isIP(host) !== 0 || host === 'localhost');
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    const names = host === 'localhost' ? nameless : [host];
    const faults = names.map((name) => checkServerIdentity(name, certificate));
    return faults.includes(undefined) ? undefined : faults[0];
  };
}
