// The sandbox platform's signature, for tests that call back in its name: its key lies in the node's data folder.
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Notice {
  readonly payId: unknown;
  readonly orderId: unknown;
  readonly isPaid: boolean;
  readonly payAmount: unknown;
  readonly transactionId: string;
}

/** RSA-SHA256 over the bytes, base64. */
export function signAs(dataDir: string, bytes: string): string {
  const key = readFileSync(join(dataDir, 'sandbox', 'private.pem'));
  return sign('RSA-SHA256', Buffer.from(bytes), key).toString('base64');
}
