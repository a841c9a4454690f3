import { Injectable } from '@nestjs/common';
import {
  counter,
  deliveryMetrics,
  gauge,
  histogram,
  type Metric,
  type MetricsReporter,
  ReportsMetrics,
} from '#libs/metrics';
import { AnalyticsConfig } from './analytics.config.js';
import { CommittedUsage } from './committed-usage.js';
import { UsageSinks } from './usage-sink.js';
import { UsageRecorder } from './usage.recorder.js';

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const records = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** How usage records are written, beside the bounds that were set for it. */
@ReportsMetrics()
@Injectable()
export class UsageMetrics implements MetricsReporter {
  constructor(
    private readonly recorder: UsageRecorder,
    private readonly committed: CommittedUsage,
    private readonly config: AnalyticsConfig,
    private readonly sinks: UsageSinks,
  ) {}

  metrics(): readonly Metric[] {
    return [...this.queue(), ...this.bounds(), ...this.batches(), ...this.sinkLoads()];
  }

  private queue(): readonly Metric[] {
    return [
      counter(
        {
          name: 'keyward_usage_records_total',
          help: 'Usage records by what became of them; unrecorded: answered 503, or dropped where they are buffered',
          labels: ['outcome'],
        },
        () => {
          const { recorded, unrecorded } = this.recorder.load;
          return [
            { labels: { outcome: 'recorded' }, value: recorded },
            { labels: { outcome: 'unrecorded' }, value: unrecorded },
          ];
        },
      ),
      gauge(
        { name: 'keyward_usage_waiting_records', help: 'Usage records that wait in memory for their commit' },
        () => this.recorder.load.waiting,
      ),
    ];
  }

  private bounds(): readonly Metric[] {
    const { batchRows, bufferRows, maxWaitMs, durability } = this.config;
    return [
      gauge(
        {
          name: 'keyward_usage_batch_bound_records',
          help: 'The most that are written together (KEYWARD_USAGE_BATCH_ROWS)',
        },
        () => batchRows,
      ),
      gauge(
        { name: 'keyward_usage_wait_bound_seconds', help: 'How long one waits for others (KEYWARD_USAGE_MAX_WAIT_MS)' },
        () => maxWaitMs / 1000,
      ),
      gauge(
        {
          name: 'keyward_usage_waiting_bound_records',
          help: 'The most that wait in memory (KEYWARD_USAGE_BUFFER_ROWS)',
        },
        () => bufferRows,
      ),
      gauge(
        {
          name: 'keyward_usage_durable',
          help: '1: an answer waits for the commit of its usage record. 0: it does not',
        },
        () => (durability === 'committed' ? 1 : 0),
      ),
    ];
  }

  private batches(): readonly Metric[] {
    const sizes = histogram(
      { name: 'keyward_usage_batch_records', help: 'Usage records in a committed batch' },
      records,
    );
    const waits = histogram(
      { name: 'keyward_usage_batch_wait_seconds', help: 'From the first record of a batch until its COPY was sent' },
      seconds,
    );
    const commits = histogram(
      {
        name: 'keyward_usage_batch_commit_seconds',
        help: 'From the COPY of a batch until PostgreSQL had committed it',
      },
      seconds,
    );
    this.committed.subscribe(({ calls, waitMs, commitMs }) => {
      sizes.observe(calls);
      waits.observe(waitMs / 1000);
      commits.observe(commitMs / 1000);
    });
    return [sizes, waits, commits];
  }

  private sinkLoads(): readonly Metric[] {
    const of = { prefix: 'keyward_usage_sink', unit: 'records', kept: 'the table api_usage' };
    return deliveryMetrics(of, () => this.sinks.loads());
  }
}
