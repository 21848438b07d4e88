import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operators look for everything that is not done, not only for what has failed. */
export class OpenConsumptions1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
drop index trade_mq_consumer_log_failed;
create index trade_mq_consumer_log_open on trade_mq_consumer_log (consumer_timestamp) where consumer_status <> 1`);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations only go forward'));
  }
}
