// The servers of the long forms are as in earnest: a commit is on the disk, and each stream has three copies.
import type { ClusterOptions } from '../reliability/cluster';

export const IN_EARNEST: ClusterOptions = { natsServers: 3, settings: ['fsync=on'] };
