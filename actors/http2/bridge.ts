// The bridge actor: every checkout and callback passes through it. It bounds what is under way and answers 'busy'
// at once above that (promise 7), and never waits for an answer inside its handler.
import { dispatch, spawn, stop, type ActorSystemRef, type Ref } from 'nact';
import type { FrontDoor, FrontReply, Request, RequestContext } from '../domain/front-door';

interface Call {
  readonly run: () => Promise<FrontReply & { readonly literal?: string }>;
  readonly resolve: (reply: FrontReply & { readonly literal?: string }) => void;
}

export interface Bridge extends FrontDoor {
  readonly inFlight: () => number;
  /** Refuses new work from now on; what is under way ends. */
  close(): void;
}

/** The only message: look what has arrived. One is under way at most, so a burst costs one turn. */
type Doorbell = 'doorbell';

export function startBridge(system: ActorSystemRef, frontDoor: FrontDoor, mostInFlight: number): Bridge {
  let arrived: Call[] = [];
  let rung = false;
  let inFlight = 0;
  let closed = false;

  const begin = (call: Call): void => {
    if (closed || inFlight >= mostInFlight) {
      call.resolve({ code: 'SHOP_BUSY' });
      return;
    }
    inFlight += 1;
    call
      .run()
      .catch((): FrontReply => ({ code: 'SHOP_FAIL' }))
      .then(
        (reply) => {
          inFlight -= 1;
          call.resolve(reply);
        },
        () => undefined,
      );
  };

  const actor: Ref<Doorbell> = spawn(
    system,
    (state: null) => {
      rung = false;
      const calls = arrived;
      arrived = [];
      calls.forEach(begin);
      return state;
    },
    'http-bridge',
    { onCrash: (_message, _error, context) => context.resume },
  );

  const pass = (run: Call['run']): ReturnType<Call['run']> =>
    new Promise((resolve) => {
      if (closed) {
        resolve({ code: 'SHOP_BUSY' });
        return;
      }
      arrived.push({ run, resolve });
      if (rung) return;
      rung = true;
      dispatch(actor, 'doorbell');
    });

  return {
    call: (request: Request, body: unknown, context?: RequestContext) =>
      pass(() => frontDoor.call(request, body, context)),
    callback: (provider, rawBody, signature, context) =>
      pass(() => frontDoor.callback(provider, rawBody, signature, context)),
    inFlight: () => inFlight,
    close() {
      closed = true;
      for (const call of arrived) call.resolve({ code: 'SHOP_BUSY' });
      arrived = [];
      stop(actor);
    },
  };
}
