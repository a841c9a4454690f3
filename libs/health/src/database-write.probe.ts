import { Injectable } from '@nestjs/common';
import { PreparedSql, type PreparedStatement } from '#libs/database';
import { HealthProbe, type Probe, type ProbeDetail } from './health-probe.js';

const write: PreparedStatement = { name: 'keyward_probe_write', text: 'select keyward_probe_write()' };
const READ_ONLY = '25006';

/**
 * Commits a small write that needs new space: a read-only, full or hung database answers `select 1` for hours. It uses the
 * connections that verification uses, because they are what has to work.
 */
@HealthProbe()
@Injectable()
export class DatabaseWriteProbe implements Probe {
  readonly name = 'database';
  readonly kind = 'readiness';

  constructor(private readonly sql: PreparedSql) {}

  /**
   * A session that began while the database was read-only may stay so when it no longer is. The pool drops a session whose
   * query failed, so asking once for each session that stands, and one more, leaves only what is true of new ones.
   */
  async check(): Promise<ProbeDetail> {
    for (let stale = this.sql.load.total; ; stale--) {
      try {
        await this.sql.rows(write, []);
        return {};
      } catch (error) {
        if (stale <= 0 || !(error instanceof Error && 'code' in error && error.code === READ_ONLY)) throw error;
      }
    }
  }
}
