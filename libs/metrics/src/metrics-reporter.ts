import { defineSeam, hasMethods } from '#libs/extensions';
import type { Metric } from './metric.js';

/** Has something to tell Prometheus. */
export interface MetricsReporter {
  /** Its metrics; asked for once, and only where they are served. */
  metrics(): readonly Metric[];
}

/** Marks a provider as a MetricsReporter. */
export const ReportsMetrics = defineSeam<MetricsReporter>('ReportsMetrics', (candidate): candidate is MetricsReporter =>
  hasMethods(candidate, 'metrics'),
);
