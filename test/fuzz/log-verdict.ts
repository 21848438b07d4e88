// The log after hostile input: one JSON object a line, nobody's secret in it, and no word of a fault of ours.
import { FORGED_LINE } from './hostile';
import { isNodesOwn } from './node-commands';

const ERROR = 50;
const FATAL = 60;

/** Errors that are the right thing to say about hostile input. */
const EXPECTED: ReadonlySet<string> = new Set([
  'an event was given up: see the dead letters',
  'an event does not fit its schema',
  'a node of another deployment uses this broker',
  // Some of the callbacks are signed with the platform's own key.
  'money arrived that no payment takes: it is booked nowhere',
  'a signed callback cannot be read: what it tells is booked nowhere',
]);

const FORGED = (JSON.parse(FORGED_LINE) as { msg: string }).msg;

/**
 * @param secrets texts that must not be there
 * @returns what is wrong, each kind once with its first line
 */
export function wrongInLog(log: string, secrets: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  const note = (what: string, line: string): void => {
    if (!found.has(what)) found.set(what, `${what}: ${line.slice(0, 1_500)}`);
  };
  for (const line of log.split('\n')) {
    if (line === '') continue;
    const secret = secrets.findIndex((one) => line.includes(one));
    if (secret >= 0) note(`secret ${secret} is in the log`, line.replaceAll(secrets[secret] ?? '', '***'));
    const entry = entryOf(line);
    if (!entry) note('a line of the log is no JSON object', line);
    else if (isFault(entry)) note(`the log tells of a fault: ${entry.msg}`, line);
  }
  return [...found.values()];
}

interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly id?: string;
}

function entryOf(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<Entry> | null;
    return typeof entry?.level === 'number' && typeof entry.msg === 'string' ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}

function isFault({ level, msg, id = '' }: Entry): boolean {
  if (level >= FATAL || msg === FORGED || /unhandled|uncaught/i.test(msg)) return true;
  // What only nodes should send is not checked member by member: the entity fails, and says so.
  return level >= ERROR && !EXPECTED.has(msg) && !(msg === 'a command failed' && isNodesOwn(id));
}
