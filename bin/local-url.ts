// Where a program on this machine reaches what listens on HOST.

/** @returns e.g. `http://127.0.0.1:3000`; what listens everywhere is reached on the loopback address */
export function localUrl(host: string, port: number): string {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
