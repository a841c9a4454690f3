import { Injectable } from '@nestjs/common';
import { gauge, type Metric, type MetricsReporter, ReportsMetrics } from '#libs/metrics';
import { Probes } from './probes.js';
import { version } from './release.js';
import { Shutdown } from './shutdown.js';

/** How this process is, and what runs in it. */
@ReportsMetrics()
@Injectable()
export class HealthMetrics implements MetricsReporter {
  constructor(
    private readonly probes: Probes,
    private readonly shutdown: Shutdown,
  ) {}

  metrics(): readonly Metric[] {
    return [
      gauge(
        { name: 'keyward_build_info', help: 'Always 1; the labels tell what runs here', labels: ['version', 'node'] },
        () => [{ labels: { version, node: process.version }, value: 1 }],
      ),
      gauge(
        {
          name: 'keyward_probe_up',
          help: 'Whether a health probe passes, as asked a second ago at most',
          labels: ['probe'],
        },
        async () =>
          (await this.probes.askAll()).map(({ name, status }) => ({
            labels: { probe: name },
            value: status === 'up' ? 1 : 0,
          })),
      ),
      gauge({ name: 'keyward_draining', help: '1: this process is on its way out and wants no traffic' }, () =>
        this.shutdown.draining ? 1 : 0,
      ),
    ];
  }
}
