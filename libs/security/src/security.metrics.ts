import { Injectable } from '@nestjs/common';
import { counter, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';
import { AttemptMonitor } from './attempt-monitor.js';
import { SecurityEventWriter } from './security-event.writer.js';

/** What was refused, and what detectors made of it. */
@ReportsMetrics()
@Injectable()
export class SecurityMetrics implements MetricsReporter {
  constructor(
    private readonly attempts: AttemptMonitor,
    private readonly events: SecurityEventWriter,
  ) {}

  metrics(): readonly Metric[] {
    return [
      counter(
        {
          name: 'keyward_access_refusals_total',
          help: 'Credentials and calls that were refused, here or as judged for a service, by their true reason',
          labels: ['reason'],
        },
        () => Object.entries(this.attempts.counts()).map(([reason, value]) => ({ labels: { reason }, value })),
      ),
      counter(
        {
          name: 'keyward_security_events_total',
          help: 'Security events that detectors of this process raised',
          labels: ['detector', 'severity'],
        },
        () =>
          this.events
            .counts()
            .map(({ detector, severity, raised }) => ({ labels: { detector, severity }, value: raised })),
      ),
    ];
  }
}
