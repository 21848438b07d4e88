// Processes of this machine, told apart although their numbers are used again.
import { readFileSync } from 'node:fs';

/**
 * The process id and, where the system tells it, when the process started: ids are used again, and in a container
 * every process that was ever killed had the same one.
 */
export function processName(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${pid} ${fields[19] ?? ''}`.trim();
  } catch {
    return String(pid);
  }
}

/** Whether a process is there, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
