import { Injectable } from '@nestjs/common';
import { deliveryMetrics, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';
import { AuditSinks } from './audit-sink.js';

/** Whether the receivers of audit events keep up. */
@ReportsMetrics()
@Injectable()
export class AuditMetrics implements MetricsReporter {
  constructor(private readonly sinks: AuditSinks) {}

  metrics(): readonly Metric[] {
    return deliveryMetrics({ prefix: 'keyward_audit_sink', unit: 'events', kept: 'the audit log' }, () =>
      this.sinks.loads(),
    );
  }
}
