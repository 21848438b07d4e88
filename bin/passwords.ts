// Passwords are kept as Argon2id hashes only, at the strength that OWASP recommends (19 MiB, 2 passes).
import { hash, verify } from '@node-rs/argon2';

/** A salted hash to keep in `trade_user.user_password`. */
export const hashPassword = (password: string): Promise<string> => hash(password);

/** Of a password that nobody knows: those who have none are compared with it. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$XjifCThMxeqM7ejPPZwkew$HtejlXN/qLYk/MvddULqXZbZ2oSbcwmUJ33mCc6aJSM';

/**
 * Whether the password is the one that was hashed. It takes as long for a user who does not exist, so that
 * nobody learns who does.
 * @param stored what the column holds: nobody comes in by one that holds no hash
 */
export async function verifyPassword(stored: string | undefined, password: string): Promise<boolean> {
  const hashed = stored?.startsWith('$argon2') ? stored : undefined;
  const fits = await verify(hashed ?? NOBODYS_HASH, password).catch(() => false);
  return hashed !== undefined && fits;
}
