// One HTTP exchange as bytes on a socket, so that what no client would send can be sent.
import { connect } from 'node:net';

export interface Exchanged {
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  readonly head: string;
  readonly body: string;
  /** Whether the head promises more than has come, as also the answer to HEAD does. */
  readonly isCut: boolean;
  /** Why there is no answer: in time, or at all. */
  readonly fault: 'none in time' | 'closed' | 'cannot connect' | undefined;
}

/** @param isAll whether nothing follows, which is how an unfinished request is ended */
export function exchange(
  port: number,
  bytes: Uint8Array,
  isAll: boolean,
  withinMs: number,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let isConnected = false;
    let isLate = false;
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      isConnected = true;
      if (isAll) socket.end(bytes);
      else socket.write(bytes);
    });
    const timer = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, withinMs);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (isComplete(Buffer.concat(chunks))) socket.destroy();
    });
    // A server may answer what it will not read to its end, and close: what has arrived counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(
        read(Buffer.concat(chunks), isLate ? 'none in time' : isConnected ? 'closed' : 'cannot connect'),
      );
    });
  });
}

const END = '\r\n\r\n';

/** What was told before the answer: go on (100). */
const withoutInterim = (received: Buffer): Buffer => {
  const end = received.indexOf(END);
  return end >= 0 && received.toString('latin1', 9, 10) === '1'
    ? withoutInterim(received.subarray(end + END.length))
    : received;
};

/** How many bytes an answer is to have; undefined if its head is not there yet, or does not say. */
function lengthOf(received: Buffer): number | undefined {
  const end = received.indexOf(END);
  if (end < 0) return undefined;
  const length = /\ncontent-length: *(\d+)/i.exec(received.subarray(0, end).toString('latin1'));
  return length === null ? undefined : end + END.length + Number(length[1]);
}

function isComplete(bytes: Buffer): boolean {
  const received = withoutInterim(bytes);
  return received.length >= (lengthOf(received) ?? Number.POSITIVE_INFINITY);
}

function read(bytes: Buffer, otherwise: NonNullable<Exchanged['fault']>): Exchanged {
  const received = withoutInterim(bytes);
  const end = received.indexOf(END);
  const head = received.subarray(0, Math.max(0, end)).toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head);
  const fault = status === null ? otherwise : undefined;
  const body = end < 0 ? '' : received.subarray(end + END.length).toString('utf8');
  const isCut = received.length < (lengthOf(received) ?? 0);
  return { status: status === null ? undefined : Number(status[1]), head, body, isCut, fault };
}
