// From an actor's answer to the reply that the outside gets.
import type { Answer } from '../domain/envelope';
import { CODES } from '../domain/codes';
import type { FrontReply, ReplyEnvelope } from '../domain/front-door';

/** @param present what the outside sees of the data of a yes, or of a refusal that carries some */
export function replyOf(answer: Answer, present: (data: never) => unknown): FrontReply {
  switch (answer.outcome) {
    case 'ok':
      return { code: 'SHOP_SUCCESS', data: present(answer.data as never) };
    case 'refused':
      return answer.data === undefined
        ? { code: answer.code }
        : { code: answer.code, data: present(answer.data as never) };
    case 'retry':
      return {
        code:
          answer.reason === 'busy'
            ? 'SHOP_BUSY'
            : answer.reason === 'not-yet'
              ? 'SHOP_ORDER_PENDING'
              : 'SHOP_UNAVAILABLE',
      };
    case 'fault':
      return { code: answer.silent ? 'SHOP_UNAVAILABLE' : 'SHOP_FAIL' };
  }
}

/** An order that is not finished in time is pending: its id tells where to ask again. */
export const pendingAt = (orderId: string, reply: FrontReply): FrontReply =>
  reply.code === 'SHOP_ORDER_PENDING' ? { ...reply, data: { orderId } } : reply;

/** The envelope of every reply, over HTTP and NATS. */
export function toEnvelope({ code, data, detail }: FrontReply): ReplyEnvelope {
  const { code: number, meaning } = CODES[code];
  return { success: code === 'SHOP_SUCCESS', code: number, message: detail ?? meaning, data: data ?? null };
}
