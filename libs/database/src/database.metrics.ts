import { Injectable } from '@nestjs/common';
import { gauge, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';
import { Database } from './database.js';
import { Notifications } from './notifications.js';

/** How this process is connected to PostgreSQL. */
@ReportsMetrics()
@Injectable()
export class DatabaseMetrics implements MetricsReporter {
  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
  ) {}

  metrics(): readonly Metric[] {
    return [
      gauge(
        {
          name: 'keyward_database_connections',
          help: 'Connections to PostgreSQL in each pool',
          labels: ['pool', 'state'],
        },
        () =>
          this.pools().flatMap(({ pool, total, idle }) => [
            { labels: { pool, state: 'idle' }, value: idle },
            { labels: { pool, state: 'busy' }, value: total - idle },
          ]),
      ),
      gauge(
        {
          name: 'keyward_database_waiting_callers',
          help: 'Callers who wait for a connection of a pool; for long, it is too small or PostgreSQL too slow',
          labels: ['pool'],
        },
        () => this.pools().map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
      ),
      gauge(
        {
          name: 'keyward_database_listener_connected',
          help: '1: this process hears at once of changes made elsewhere. 0: it hears of them within a second',
        },
        () => (this.notifications.connected ? 1 : 0),
      ),
    ];
  }

  private pools(): readonly (Database['load'] & { pool: string })[] {
    return [
      { pool: 'management', ...this.database.load },
      { pool: 'verification', ...this.database.prepared.load },
    ];
  }
}
