import { Tables1700000000001 } from './0001-tables';
import { ClusterNode1700000000002 } from './0002-cluster-node';
import { OpenConsumptions1700000000003 } from './0003-open-consumptions';

/** In the order in which they run; only ever added to. */
export const MIGRATIONS = [Tables1700000000001, ClusterNode1700000000002, OpenConsumptions1700000000003];
