// nats-servers answer before they have found each other: until then no stream can be made.
import { connect, StorageType } from 'nats';
import { until } from './until';

const WITHIN_MS = 60_000;
const ANSWER_MS = 2_000;
const PROBE = 'trade-probe';

/**
 * Waits until a stream with so many copies can be made.
 * @throws Error if that is not so within a minute, or the signal comes
 */
export async function waitForQuorum(
  urls: readonly string[],
  copies: number,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connect({ servers: [...urls], name: PROBE, timeout: ANSWER_MS });
  try {
    const { streams } = await connection.jetstreamManager({ checkAPI: false, timeout: ANSWER_MS });
    await until(
      'the nats-servers to agree',
      async () => {
        if (signal.aborted) return true;
        await streams.add({
          name: PROBE,
          subjects: [PROBE],
          storage: StorageType.Memory,
          num_replicas: copies,
        });
        return streams.delete(PROBE);
      },
      WITHIN_MS,
    );
  } finally {
    await connection.close();
  }
  signal.throwIfAborted();
}
