// PostgreSQL refuses to run as root, so root runs it as someone who may do nothing.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** @returns the account for PostgreSQL, or undefined where it is simply ours */
export function databaseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => {
      const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
      return status === 0 ? Number(stdout) : 0;
    });
    if (uid && gid) return { uid, gid };
  }
  throw new Error('PostgreSQL cannot run as root: create the user "postgres", or run this as another user.');
}

/** @returns the folder for temporary things, or another one where that account cannot get as far as it */
export function temporaryFolder(): string {
  const account = databaseAccount();
  if (account === undefined) return tmpdir();
  return [tmpdir(), '/tmp', '/var/tmp'].find((folder) => reaches(account, folder)) ?? tmpdir();
}

/** Whether an account gets as far as a folder. */
export const reaches = (account: Account, folder: string): boolean =>
  spawnSync('ls', ['-d', `${folder}/.`], { cwd: '/', ...account }).status === 0;
