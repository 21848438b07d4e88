// The URL of a database, which may say how it is reached, but not how the node uses it.
import { OWN_PARAMETERS } from '../persistence/data-source';
import type { Settings } from './settings';

const PROTOCOLS = ['postgres:', 'postgresql:'];

/** The URL that a setting names. What its parameters say is not shown: one of them may be the password. */
export function readDatabaseUrl(settings: Settings, name: string): string | undefined {
  const url = settings.url(name, PROTOCOLS);
  if (url === undefined) return undefined;
  const given = new URL(url).searchParams;
  for (const parameter of OWN_PARAMETERS) {
    if (given.has(parameter)) {
      settings.fault(name, `must not have the parameter ${parameter}: the node sets it itself`);
    }
  }
  return url;
}
