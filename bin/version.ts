// The version of this program stands in the package.json above it, wherever it was compiled to.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param folder where to begin to look upwards @returns `unknown` where there is none: no reason not to start */
export function versionAbove(folder: string): string {
  const path = join(folder, 'package.json');
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  const above = dirname(folder);
  return above === folder ? 'unknown' : versionAbove(above);
}
