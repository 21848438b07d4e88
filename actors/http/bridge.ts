// The one actor between HTTP and the front door. What finds no place is told 'busy' at once, so a wall of load neither
// queues without bound nor loses work that was begun (promise 7).
import { dispatch, spawn, start as startSystem, stop, type ActorSystemRef } from 'nact';
import type { Logger } from 'pino';
import type { FrontReply } from '../domain/front-door';
import type { FrontAdmission } from '../front-door/admission';

/**
 * The most that is begun in one turn: to check a request takes time, and meanwhile the database is to work on those before
 * it. Otherwise all that were answered together come, wait and are answered together for ever.
 */
const MOST_A_TURN = 64;

/** The only message the actor gets: look what has arrived. One is under way at most. */
type Doorbell = 'doorbell';

export interface BridgeOptions {
  /** Where the actor lives; without one it has a system of its own. */
  readonly system?: ActorSystemRef;
  /** Gives the places, which are shared with the other ways in; without one the answer is SHOP_BUSY. */
  readonly admission: FrontAdmission;
  readonly logger: Logger;
}

export interface Bridge {
  /**
   * Begins the work in the actor's turn.
   * @returns what the work comes to, also its failure; SHOP_BUSY at once when there is too much, or when it stops
   */
  ask(work: () => Promise<FrontReply>): Promise<FrontReply>;
  readonly inFlight: number;
  readonly isStopping: boolean;
  /** Takes nothing more and resolves when nothing is under way, or when the time is over. */
  stop(withinMs: number): Promise<void>;
}

export function startBridge({ system, admission, logger }: BridgeOptions): Bridge {
  let inFlight = 0;
  let isStopping = false;
  let whenIdle: (() => void) | undefined;
  // nact handles one message in a turn of the event loop, so what arrives in one turn waits here and is begun
  // by a single message, or by a few.
  const arrived: (() => void)[] = [];
  let isRung = false;

  const actor = spawn(
    system ?? startSystem(),
    (state: null, _message: Doorbell) => {
      isRung = false;
      const beginnings = arrived.splice(0, MOST_A_TURN);
      if (arrived.length > 0) ring();
      for (const begin of beginnings) begin();
      return state;
    },
    'http-bridge',
    {
      initialState: null,
      onCrash: (_message, error, context) => {
        logger.error({ err: error }, 'the HTTP bridge crashed and goes on');
        return context.resume;
      },
    },
  );

  const ring = (): void => {
    if (isRung) return;
    isRung = true;
    dispatch(actor, 'doorbell');
  };

  const ended = (): void => {
    admission.leave('http');
    inFlight -= 1;
    if (inFlight === 0) whenIdle?.();
  };

  return {
    ask(work) {
      if (isStopping || !admission.enter('http')) return Promise.resolve({ code: 'SHOP_BUSY' });
      inFlight += 1;
      const outcome = new Promise<FrontReply>((resolve) => {
        // The work is started, never awaited: a handler that waits would block every other request. A failure
        // travels in the promise, so beginning one cannot keep the next from beginning.
        arrived.push(() => resolve(begun(work)));
      });
      ring();
      return outcome.finally(ended);
    },

    get inFlight() {
      return inFlight;
    },

    get isStopping() {
      return isStopping;
    },

    async stop(withinMs) {
      isStopping = true;
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs);
          whenIdle = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (inFlight > 0) logger.warn({ inFlight }, 'the HTTP bridge stops before everything has ended');
      stop(actor);
    },
  };
}

/** The work's promise, rejected too if the work throws before it returns one. */
const begun = async (work: () => Promise<FrontReply>): Promise<FrontReply> => work();
