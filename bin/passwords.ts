// Passwords are kept as Argon2id hashes only, at the strength that OWASP recommends (19 MiB, 2 passes).
import { hash, verify } from '@node-rs/argon2';

/** A salted hash to keep in `trade_user.user_password`. */
export const hashPassword = (password: string): Promise<string> => hash(password);

/**
 * Whether the password is the one that was hashed.
 * @param stored what the column holds: nobody comes in by one that holds no hash
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  if (!stored?.startsWith('$argon2')) return false;
  return verify(stored, password).catch(() => false);
}
