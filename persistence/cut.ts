// Ends a connection whatever is under way on it, which pg itself waits for.
import type { ClientBase } from 'pg';

/** What pg keeps of a connection below its messages. */
interface Wire {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Without a word to a server that may not be there. */
export const cut = (client: ClientBase): void => (client as unknown as Wire).connection.stream.destroy();
