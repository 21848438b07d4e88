// What became of commands: counted where they are asked, by how they ended, and at every try that has to be sent again.
import type { Registry } from 'prom-client';
import { CODES, type Code } from '../../actors/domain/codes';
import { ok, type Answer, type Envelope } from '../../actors/domain/envelope';
import { TransportError, type Router, type Transport } from '../../actors/domain/ports';
import { forEveryKind } from '../compose-kinds';
import { counterIn } from './counter';

/** The codes' ranges (SCHEMA): a label for each code would be too many. */
const FAMILIES = ['general', 'order', 'goods', 'user', 'coupon', 'money', 'message', 'payment', 'access'];

const familyOf = (code: Code): string => FAMILIES[Math.max(0, Math.floor(CODES[code].code / 10_000))] ?? '';

/** What an answer counts as, and why. */
function labelsOf(answer: Answer): { outcome: string; reason: string } {
  switch (answer.outcome) {
    case 'ok':
      return { outcome: 'ok', reason: '' };
    case 'refused':
      return { outcome: 'refused', reason: familyOf(answer.code) };
    case 'retry':
      return { outcome: 'retry', reason: answer.reason };
    case 'fault':
      return { outcome: answer.silent ? 'silent' : 'fault', reason: '' };
  }
}

export interface CommandMetrics {
  /** Counts how the commands end that are asked through the router. */
  countAsked(router: Router): Router;
  /** Counts the tries that were in vain. */
  countTries(transport: Pick<Transport, 'send'>): Pick<Transport, 'send'>;
  /** Counts whom this node's actors send away. */
  countTaken(deliver: (envelope: Envelope) => Promise<Answer>): (envelope: Envelope) => Promise<Answer>;
}

/** @param onBusy hears of every command that a region had no place for */
export function createCommandMetrics(registry: Registry, onBusy: () => void): CommandMetrics {
  const counter = counterIn(registry);
  const commands = counter(
    'trade_commands_total',
    'Commands that this node asked, by kind of actor and how they ended',
    'kind',
    'outcome',
    'reason',
  );
  const retries = counter(
    'trade_command_retries_total',
    'Tries of commands that were not decided and are sent again, by kind of actor and reason',
    'kind',
    'reason',
  );
  // Nearly all of them, and finding a series by its labels takes longer than counting.
  const succeeded = forEveryKind((kind) => commands.labels({ kind, ...labelsOf(ok({})) }));
  return {
    countAsked: (router) => ({
      ask: (command, options) =>
        router.ask(command, options).then((answer) => {
          if (answer.outcome === 'ok') succeeded[command.kind].inc();
          else commands.inc({ kind: command.kind, ...labelsOf(answer) });
          return answer;
        }),
    }),
    countTries: (transport) => ({
      send: (node, envelope, timeoutMs) =>
        transport.send(node, envelope, timeoutMs).then(
          (answer) => {
            if (answer.outcome === 'retry') retries.inc({ kind: envelope.kind, reason: answer.reason });
            return answer;
          },
          (error: unknown) => {
            if (error instanceof TransportError) retries.inc({ kind: envelope.kind, reason: error.reason });
            throw error;
          },
        ),
    }),
    countTaken: (deliver) => (envelope) =>
      deliver(envelope).then((answer) => {
        if (answer.outcome === 'retry' && answer.reason === 'busy') onBusy();
        return answer;
      }),
  };
}
