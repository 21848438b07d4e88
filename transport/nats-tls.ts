// TLS to the broker, where the client by itself would ask for too little or look for the wrong name.
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** With what makes sure that a broker is the one it should be. */
export interface TlsOptions extends TlsFiles {
  checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined;
}

/**
 * The client pays no heed to `tls://`, and would talk in the clear where the broker allows it. So that asks for TLS
 * as much as a file does.
 * @returns undefined if neither does; then TLS is used where the broker demands it
 */
export function tlsOptions(servers: readonly string[], files: TlsFiles | undefined): TlsOptions | undefined {
  const urls = servers.map((server) => new URL(server));
  if (files === undefined && urls.every(({ protocol }) => protocol !== 'tls:')) return undefined;
  const hosts = urls.map(({ hostname }) => hostname.replace(/^\[|\]$/g, ''));
  return { ...files, checkServerIdentity: identityCheck(hosts) };
}

/**
 * The client has no name for a broker that was given by its address, nor for one that another broker told of, and without
 * a name Node.js looks for `localhost` in the certificate. What it has to be then is one of those that were configured.
 */
function identityCheck(hosts: readonly string[]) {
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    const names = host === 'localhost' ? hosts : [host];
    const faults = names.map((name) => checkServerIdentity(name, certificate));
    return faults.includes(undefined) ? undefined : (faults[0] ?? new Error('no broker is configured'));
  };
}
