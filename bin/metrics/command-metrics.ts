// What became of commands: counted where they are asked, by how they ended, and at every try that has to be sent again.
import { Counter, type Registry } from 'prom-client';
import { CODES, type Code } from '../../actors/domain/codes';
import { ok, type Answer, type Kind } from '../../actors/domain/envelope';
import type { RouterListener } from '../../supervisors/router';
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

/** Counts what becomes of the commands that this node asks. */
export function createCommandMetrics(registry: Registry): RouterListener {
  // Nearly all of them succeed: these are counted here and added when they are read, which costs less than the counter.
  const succeeded = new Map<Kind, number>();
  const commands = new Counter({
    name: 'trade_commands_total',
    help: 'Commands that this node asked, by kind of actor and how they ended',
    labelNames: ['kind', 'outcome', 'reason'],
    registers: [registry],
    collect() {
      for (const [kind, count] of succeeded) this.inc({ kind, ...labelsOf(ok({})) }, count);
      succeeded.clear();
    },
  });
  const retries = counterIn(registry)(
    'trade_command_retries_total',
    'Tries of commands that were not decided and are sent again, by kind of actor and reason',
    'kind',
    'reason',
  );
  return {
    ended(kind, answer) {
      if (answer.outcome === 'ok') succeeded.set(kind, (succeeded.get(kind) ?? 0) + 1);
      else commands.inc({ kind, ...labelsOf(answer) });
    },
    failed(kind, reason) {
      retries.inc({ kind, reason });
    },
  };
}
