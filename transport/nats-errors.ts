// What the client and the broker say when something fails, in the words of the port.
import { ErrorCode, NatsError } from 'nats';
import { TransportError } from '../actors/domain/ports/transport';

/** JetStream's own numbers: the texts differ between versions. */
export const STREAM_NOT_FOUND = 10059;
export const STREAM_NAME_IN_USE = 10058;
export const CONSUMER_NOT_FOUND = 10014;
export const CONSUMER_NAME_IN_USE = 10013;
export const CONSUMER_EXISTS = 10148;
const NOT_ENABLED = 10076;
const NOT_ENABLED_FOR_ACCOUNT = 10039;

const REASONS: Readonly<Partial<Record<string, TransportError['reason']>>> = {
  '503': 'no-responders',
  MAX_PAYLOAD_EXCEEDED: 'too-large',
  CONNECTION_CLOSED: 'disconnected',
  CONNECTION_DRAINING: 'disconnected',
  CONNECTION_REFUSED: 'disconnected',
  DISCONNECT: 'disconnected',
};

/** @returns JetStream's number of an error, if it is one of JetStream */
export const apiCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

const PASSING: readonly string[] = [ErrorCode.Timeout, ErrorCode.Disconnect];

/** Whether JetStream may well do a moment later what it did not do now. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  const { code = 0, err_code = 0 } = error.api_error ?? {};
  const isAway = code === 503 && err_code !== NOT_ENABLED && err_code !== NOT_ENABLED_FOR_ACCOUNT;
  return isAway || PASSING.includes(error.code);
}

/** An error that we do not know leaves open whether it was delivered: a timeout. */
export function transportError(error: unknown, what: string): TransportError {
  if (error instanceof TransportError) return error;
  const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  // JetStream answered that it did not take it.
  if (apiCode(error) !== undefined) return new TransportError('no-responders', text, { cause: error });
  const reason = error instanceof NatsError ? REASONS[error.code] : undefined;
  return new TransportError(reason ?? 'timeout', text, { cause: error });
}
