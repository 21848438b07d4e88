// The documents say what is: their commands run as printed, their tables are complete, and their links lead somewhere.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { Compile } from 'typebox/compile';
import { EVENT_BODIES } from '../../actors/domain/schemas';
import { FRONT_DOOR } from '../../actors/domain/front-door';
import { GROUPS } from '../../actors/domain/events';
import { welcome } from '../../bin/cli/welcome';
import { loadConfig } from '../../bin/config';
import { BEHAVIOURS } from '../../bin/sandbox/behaviour';
import { blocksToRun, readDocument as read, ROOT } from '../helpers/documents';
import { BACKENDS } from '../helpers/node';
import { until } from '../helpers/until';

const README = read('README.md');
const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...markdownIn('docs')];

const SHOP = 'http://127.0.0.1:3000';
const SANDBOX = 'http://127.0.0.1:3001';

/** A node starts in seconds, but slowly where everything else runs too. */
const NODE_MS = 90_000;

function markdownIn(folder: string): string[] {
  const found = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return found.filter((path) => path.endsWith('.md')).map((path) => join(folder, path));
}

/** The first cells of the table rows under a heading. */
function firstCells(text: string, heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell!);
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('the README', () => {
  it('names every setting that the configuration reads, and no other', () => {
    const asked = new Set<string>();
    const given: Record<string, string> = {
      DATABASE_URL: 'postgres://127.0.0.1/trade',
      NATS_URL: 'nats://127.0.0.1',
      DEMO: '1',
      JWT_SECRET: 'x'.repeat(32),
      ADMIN_TOKEN: 'x',
    };
    const env = new Proxy(given, {
      get(target, name) {
        asked.add(String(name));
        return target[String(name)];
      },
    });
    loadConfig({}, env, { envFile: join(ROOT, 'no-such-file') });
    // A reader in a branch that this run did not take is found by its text.
    for (const file of readdirSync(join(ROOT, 'bin')).filter((name) => /^config(-\w+)*\.ts$/.test(name))) {
      const readers = /\b(?:text|integer|flag|durationMs|oneOf|url|of)\(\s*'([A-Z][A-Z_]+)'/g;
      for (const [, name] of read(join('bin', file)).matchAll(readers)) asked.add(name!);
    }
    expect(sorted(firstCells(README, 'Configuration'))).toEqual(sorted(asked));
  });

  it('shows the commands that `trade start` prints', () => {
    const printed = welcome({ urls: { shop: SHOP, docs: `${SHOP}/docs`, sandbox: SANDBOX } }, true);
    expect(printed).toContain(blocksToRun(README, 'embedded')[0]);
  });

  it('names every behaviour of the sandbox', () => {
    expect(firstCells(README, 'Let the platform misbehave')).toEqual(Object.keys(BEHAVIOURS));
  });

  it('names every command of the command line', async () => {
    const program = new Command();
    for (const file of readdirSync(join(ROOT, 'bin', 'cli')).filter((name) => /^[\w-]+\.ts$/.test(name))) {
      const parts = (await import(join(ROOT, 'bin', 'cli', file))) as Record<string, (to: Command) => void>;
      for (const [name, add] of Object.entries(parts)) if (/\wCommands?$/.test(name)) add(program);
    }
    const commands = program.commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((inner) => `${command.name()} ${inner.name()}`),
    );
    expect(commands.length).toBeGreaterThan(10);
    const [, ...named] = firstCells(README, 'Commands').map((cell) => cell.replace(/ (<|--).*/, ''));
    expect(sorted(named)).toEqual(sorted(commands));
  });

  it(
    'leads from nothing to a paid order, and to another with a platform that misbehaves',
    async () => {
      const node = await embedded.open();
      try {
        const script = blocksToRun(README, 'embedded')
          .join('\n')
          .replaceAll(SHOP, node.url)
          .replaceAll(SANDBOX, node.sandboxUrl);
        const { stdout } = await promisify(execFile)('bash', ['-ec', script]);
        expect(stdout).toContain('"orderStatus":1');
        // The second is the one that the platform misbehaves with.
        const transactions = [...stdout.matchAll(/"paid":true,"transactionId":"([^"]+)"/g)].map(
          ([, id]) => id,
        );
        expect(new Set(transactions).size).toBe(2);
        const address = /"payUrl":"([^"]+)"/.exec(stdout)?.[1];
        expect(address?.startsWith(node.sandboxUrl)).toBe(true);
        const orderId = /"orderId":"(\d+)"/.exec(stdout)![1]!;
        const token = node.token('345963634385633280');
        await until('the order to be paid', async () => {
          const answer = await fetch(`${node.url}/order/${orderId}`, {
            headers: { authorization: `Bearer ${token}` },
          });
          return ((await answer.json()) as { data: { payStatus: number } }).data.payStatus === 2;
        });
      } finally {
        await node.remove();
      }
    },
    NODE_MS,
  );
});

const embedded = BACKENDS.find(({ real }) => !real)!;

interface Message {
  readonly verb: string;
  readonly subject: string;
  readonly body: string;
}

/** The messages that a block sends with the NATS CLI. */
const messagesIn = (block: string): Message[] =>
  [...block.matchAll(/^nats (req|pub) (\w\S+) '(.*)'$/gm)].map(([, verb, subject, body]) => ({
    verb: verb!,
    subject: subject!,
    body: body!,
  }));

describe('docs/NATS-CLI.md', () => {
  const text = read('docs/NATS-CLI.md');
  const messages = messagesIn(text);
  const bodyOf = ({ body }: Message): unknown => JSON.parse(body.replace(/'\$[A-Z_]+'/g, '1'));

  it('has every request, with a body that fits', () => {
    const requests = messages.filter(({ verb }) => verb === 'req');
    expect(sorted(requests.map(({ subject }) => subject))).toEqual(
      sorted(Object.keys(FRONT_DOOR).map((name) => `trade.${name}`)),
    );
    for (const message of requests) {
      const schema = FRONT_DOOR[message.subject.replace('trade.', '') as keyof typeof FRONT_DOOR];
      expect([...Compile(schema).Errors(bodyOf(message))]).toEqual([]);
    }
  });

  it('has every event that somebody consumes, with a body that fits, and every group', () => {
    const events = messages.filter(({ verb }) => verb === 'pub');
    expect(sorted(events.map(({ subject }) => subject))).toEqual(
      sorted(GROUPS.map(({ topic, tag }) => `${topic}.${tag}`)),
    );
    for (const message of events) {
      const tag = message.subject.split('.')[1] as keyof typeof EVENT_BODIES;
      expect(Compile(EVENT_BODIES[tag]).Check(bodyOf(message))).toBe(true);
    }
    for (const { name } of GROUPS) expect(text).toContain(`\`${name}\``);
    const all = [...GROUPS.map(({ topic, tag }) => `${topic}.${tag}`), 'orderTopic.order_confirm'];
    expect(sorted(firstCells(text, 'Events'))).toEqual(sorted(all));
  });
});

describe('every document', () => {
  it.each(DOCUMENTS)('%s links only to what is there', (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    const local = links.filter((target) => !/^\w+:/.test(target));
    const missing = local.filter((target) => !existsSync(join(ROOT, dirname(path), target)));
    expect(missing).toEqual([]);
    const outside = local.filter((target) =>
      relative(ROOT, join(ROOT, dirname(path), target)).startsWith('..'),
    );
    expect(outside).toEqual([]);
  });

  it.each(DOCUMENTS)('%s names only files that are there', (path) => {
    const named = [
      ...read(path).matchAll(/`((?:actors|bin|persistence|supervisors|test|transport|web)\/[\w./-]+)`/g),
    ];
    expect(named.map(([, file]) => file!).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('docs/OPERATIONS.md names every metric, and no other', () => {
    const parts = readdirSync(join(ROOT, 'bin', 'metrics')).map((name) => join('bin', 'metrics', name));
    const sources = ['bin/compose-metrics.ts', 'actors/http/metrics.ts', ...parts].map(read).join('\n');
    const made = [...sources.matchAll(/'(trade_\w+)'/g)].map(([, name]) => name!);
    expect(sorted(firstCells(read('docs/OPERATIONS.md'), 'What to watch'))).toEqual(sorted(made));
  });
});
