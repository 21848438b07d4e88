// Nodes, and what makes a deployment one (R17, R18).
import { column, int, now, primary, table, text, time } from './table';

export const deployment = table(
  'deployment',
  {
    onlyOne: column('boolean', 'only_one', { ...primary, default: true }),
    deploymentId: text('deployment_id'),
    shards: int('shards'),
    createTime: time('create_time', now),
  },
  { checks: { only_one_check: 'only_one', shards_check: 'shards > 0' } },
);

export const idWorker = table(
  'id_worker',
  {
    workerNo: int('worker_no', primary),
    lastTime: time('last_time'),
  },
  { checks: { worker_no_check: 'worker_no between 0 and 1023' } },
);

export const clusterNode = table('cluster_node', {
  incarnation: text('incarnation', primary),
  nodeName: text('node_name'),
  url: text('url'),
  startedTime: time('started_time', now),
  heartbeatTime: time('heartbeat_time', now),
});
