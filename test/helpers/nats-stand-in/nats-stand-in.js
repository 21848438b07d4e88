// Stands in for the NATS CLI: the sub-commands that the documents use, done by the client library with the very bytes
// that the shell passed. It prints less than the CLI does, and ends with 2 on what it does not know.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { connect } = require('nats');

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'inbox-prefix': { type: 'string' },
    raw: { type: 'boolean' },
    jetstream: { type: 'boolean' },
    count: { type: 'string' },
    'last-for': { type: 'string' },
  },
});

const commands = {
  async req({ connection }, subject, body) {
    const reply = await connection.request(subject, body, { timeout: 10_000 });
    if (!flags.raw) print(`Received on ${reply.subject}`);
    print(reply.string());
  },

  async pub({ connection }, subject, body) {
    if (flags.jetstream) {
      const { stream, seq } = await connection.jetstream().publish(subject, body);
      print(`Stored in Stream: ${stream} Sequence: ${seq}`);
    } else {
      connection.publish(subject, body);
      await connection.flush();
    }
  },

  async sub({ connection }, subject) {
    for await (const message of connection.subscribe(subject, { max: Number(flags.count) })) {
      print(`Received on "${message.subject}"`);
      print(message.string());
    }
  },

  async 'account info'({ manager }) {
    print(`JetStream Account Information: ${JSON.stringify(await manager.getAccountInfo())}`);
  },

  'micro ls': ({ services }) => printAll(services.ping()),
  'micro info': ({ services }, name) => printAll(services.info(name)),
  'micro stats': ({ services }, name) => printAll(services.stats(name)),

  async 'stream ls'({ manager }) {
    for await (const { config } of manager.streams.list()) print(config.name);
  },

  async 'stream info'({ manager }, stream) {
    print(JSON.stringify(await manager.streams.info(stream)));
  },

  async 'stream get'({ manager }, stream) {
    const message = await manager.streams.getMessage(stream, { last_by_subj: flags['last-for'] });
    print(`Subject: ${message.subject}`);
    print(message.string());
  },

  async 'consumer info'({ manager }, stream, name) {
    print(JSON.stringify(await manager.consumers.info(stream, name)));
  },

  async 'consumer ls'({ manager }, stream) {
    for await (const { name } of manager.consumers.list(stream)) print(name);
  },
};

const print = (line) => process.stdout.write(`${line}\n`);

async function printAll(found) {
  for await (const one of await found) print(JSON.stringify(one));
}

/** What a context adds to the environment. */
function contextNamed(name) {
  return JSON.parse(
    readFileSync(join(process.env.XDG_CONFIG_HOME, 'nats', 'context', `${name}.json`), 'utf8'),
  );
}

async function main() {
  const words = commands[positionals[0]] ? 1 : 2;
  const command = commands[positionals.slice(0, words).join(' ')];
  if (!command) throw new Error(`it cannot do: ${positionals.join(' ')}`);
  const context = process.env.NATS_CONTEXT ? contextNamed(process.env.NATS_CONTEXT) : {};
  const inboxPrefix = flags['inbox-prefix'] ?? context.inbox_prefix;
  const connection = await connect({
    servers: process.env.NATS_URL,
    user: process.env.NATS_USER,
    pass: process.env.NATS_PASSWORD,
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
  });
  const manager = await connection.jetstreamManager();
  await command({ connection, manager, services: connection.services.client() }, ...positionals.slice(words));
  await connection.close();
}

main().catch((error) => {
  process.stderr.write(`nats-stand-in: ${error.message}\n`);
  process.exit(2);
});
