// Making an embedded database takes PGlite seconds; copying a migrated one does not. The first who needs it makes
// it, once a run.
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { openDatabase } from '../../persistence/database';
import { until } from './until';

const MADE_WITHIN_MS = 120_000;

/** Puts a migrated, empty embedded database into a data folder. */
export async function copyEmbedded(dataDir: string): Promise<void> {
  const folder = process.env['TEST_PGLITE_TEMPLATE'];
  if (folder === undefined) throw new Error('TEST_PGLITE_TEMPLATE is not set: it comes from global-setup.ts');
  const template = join(folder, 'data');
  const made = join(folder, 'made');
  if (isFirst(join(folder, 'making'))) {
    const logger = pino({ level: 'silent' });
    const database = await openDatabase({ dataDir: template, applicationName: 'test', logger });
    await database.close();
    writeFileSync(made, '');
  }
  await until('the embedded database is made', () => existsSync(made), MADE_WITHIN_MS);
  cpSync(join(template, 'pglite'), join(dataDir, 'pglite'), { recursive: true });
}

function isFirst(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false;
  }
}
