// Arithmetic on moments that came in as data; nothing here asks what time it is.
import type { Instant } from './envelope';

export const plusMs = (at: Instant, ms: number): Instant => new Date(Date.parse(at) + ms).toISOString();
