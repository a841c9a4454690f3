import { Injectable } from '@nestjs/common';
import { counter, gauge, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';
import { AuditSinks } from './audit-sink.js';

/** Whether the receivers of audit events keep up. */
@ReportsMetrics()
@Injectable()
export class AuditMetrics implements MetricsReporter {
  constructor(private readonly sinks: AuditSinks) {}

  metrics(): readonly Metric[] {
    return [
      gauge(
        {
          name: 'keyward_audit_sink_waiting_events',
          help: 'Audit events that wait in memory for a sink to take them',
          labels: ['sink'],
        },
        () => this.sinks.loads().map(({ to, waiting }) => ({ labels: { sink: to }, value: waiting })),
      ),
      counter(
        {
          name: 'keyward_audit_sink_dropped_events_total',
          help: 'Audit events that a sink was not told of, as too many waited for it; the audit log has them',
          labels: ['sink'],
        },
        () => this.sinks.loads().map(({ to, dropped }) => ({ labels: { sink: to }, value: dropped })),
      ),
    ];
  }
}
