export { deliveryMetrics } from './delivery-metrics.js';
export { counter, gauge, histogram, type Metric, type MetricDescription, type Sample } from './metric.js';
export { ReportsMetrics, type MetricsReporter } from './metrics-reporter.js';
export { MetricsModule } from './metrics.module.js';
export { MetricsServer } from './metrics.server.js';
