import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The second witness of a node's life (R9), and what operators see of the nodes. */
const CLUSTER_NODE = `
create table cluster_node (
  incarnation text primary key,
  node_name text not null,
  url text not null,
  started_time timestamptz not null default now(),
  heartbeat_time timestamptz not null default now()) with (fillfactor = 50);
`;

export class ClusterNode1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CLUSTER_NODE);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations only go forward'));
  }
}
