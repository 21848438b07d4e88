// The front door for requests that come as text, as NATS brings them. Everyone gets an envelope: who finds no place
// gets SHOP_BUSY before the text is even read, and a text that HTTP would not take either is not parsed.
import { FRONT_DOOR, type FrontDoor, type FrontReply, type Request } from '../domain/front-door';
import type { FrontAdmission } from './admission';
import { toEnvelope } from './reply';

/** The most bytes of a body, by whatever way it comes. */
export const MOST_BODY_BYTES = 65_536;

/** Every request that may be asked for, which is what there are subjects for. */
export const REQUESTS = Object.keys(FRONT_DOOR) as Request[];

const textOf = (reply: FrontReply): string => JSON.stringify(toEnvelope(reply));

/** The envelope of whoever came by NATS and found no place. */
const BUSY = textOf({ code: 'SHOP_BUSY' });

/** @returns what answers a request's text with an envelope's; never rejects */
export function createTextDoor(frontDoor: FrontDoor, admission: FrontAdmission) {
  const call = async (request: Request, text: string, trace: string | undefined): Promise<FrontReply> => {
    if (text.trim() === '') return { code: 'SHOP_MQ_MESSAGE_BODY_IS_EMPTY' };
    if (Buffer.byteLength(text) > MOST_BODY_BYTES) return { code: 'SHOP_TOO_LARGE' };
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return { code: 'SHOP_REQUEST_PARAMETER_VALID', detail: 'the body is not JSON' };
    }
    return frontDoor.call(request, body, trace === undefined ? {} : { trace });
  };

  return async (request: Request, text: string, trace?: string): Promise<string> => {
    if (!admission.enter('nats')) return BUSY;
    try {
      return textOf(await call(request, text, trace));
    } finally {
      admission.leave('nats');
    }
  };
}
