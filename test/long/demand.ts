// The servers of the long forms are as in earnest: a commit is on the disk, and each stream has three copies. The
// demand is the same whatever the nodes do, so that 'as before' means that they meet it again.
import type { ClusterOptions } from '../reliability/cluster';

export const IN_EARNEST: ClusterOptions = { natsServers: 3, settings: ['fsync=on'] };

/** RATE: visits a second, about two requests each; below what the machine can do. */
export const STEADY = { rate: Number(process.env['RATE'] ?? 40), customers: 400 };
