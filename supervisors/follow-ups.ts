// Carries out what an entity asked for once its decision was committed: asks others, and tells the entity
// their answers. None of it is durable; whoever takes the shard resumes what it finds half-way (promise 6).
import type { Logger } from 'pino';
import type { FollowUp } from '../actors/domain/decision';
import type { Answer, Envelope } from '../actors/domain/envelope';
import type { Clock } from '../actors/domain/ports/clock';
import type { Router } from '../actors/domain/ports/router';

/** The causing command's envelope: whose follow-up it is, and what it carries on. */
type Cause = Pick<Envelope, 'kind' | 'id' | 'trace' | 'shard'>;

interface FollowerOptions {
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The short way to the entity itself, past the bound on what is taken from outside. */
  readonly tellSelf: (envelope: Envelope) => Promise<Answer>;
}

/** An entity that could not take an answer is told again after this long, then twice as long, up to a bound. */
const TELL_AGAIN_MS = 100;
const TELL_AGAIN_MOST_MS = 5_000;
/** After this many tries it is left to the sweep for sagas that have fallen silent. */
const TELL_MOST = 12;

export function createFollower<Command extends { type: string }>(options: FollowerOptions) {
  const { router, clock, logger } = options;

  const tell = async (command: Command, cause: Cause, attempt = 1): Promise<void> => {
    const { kind, id, trace } = cause;
    // If the entity's shard has moved meanwhile, the router finds it.
    const answer =
      attempt === 1
        ? await options.tellSelf({ kind, id, shard: cause.shard, command, key: id, attempt, trace })
        : await router.ask({ kind, id, command, key: id, attempt, trace });
    if (answer.outcome === 'ok' || answer.outcome === 'refused') return;
    if (attempt >= TELL_MOST) {
      logger.warn(
        { kind, id, command: command.type, answer },
        'an entity does not take an answer; the sweep will',
      );
      return;
    }
    const afterMs = Math.min(TELL_AGAIN_MOST_MS, TELL_AGAIN_MS * 2 ** (attempt - 1));
    clock.later(afterMs, () => void tell(command, cause, attempt + 1));
  };

  const gather = async (
    followUp: Extract<FollowUp<Command>, { then: 'gather' }>,
    cause: Cause,
  ): Promise<void> => {
    const answers: readonly Answer[] = await Promise.all(
      followUp.asks.map((ask) =>
        router.ask({
          kind: ask.to.kind,
          id: ask.to.id,
          command: ask.command,
          key: ask.key,
          attempt: followUp.attempt,
          trace: cause.trace,
        }),
      ),
    );
    await tell(followUp.answerAs(answers, clock.now()), cause);
  };

  return (followUp: FollowUp<Command>, cause: Cause): void => {
    switch (followUp.then) {
      case 'gather':
        void gather(followUp, cause);
        return;
      case 'later':
        clock.later(followUp.afterMs, () => void tell(followUp.command(clock.now()), cause));
    }
  };
}
