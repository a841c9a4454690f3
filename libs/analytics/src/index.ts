export { AnalyticsModule } from './analytics.module.js';
export { UsageProblems } from './analytics.problems.js';
export { CommittedUsage } from './committed-usage.js';
export { LatencyHistogram, type LatencyBin } from './latency-histogram.js';
export type { UsageGroup } from './usage-group.js';
export { UsageInterceptor } from './usage.interceptor.js';
export type { UsageRecord } from './usage-record.js';
export { UsageSink, type UsageReceiver } from './usage-sink.js';
export { UsageRecorder, type UsageLoad, type UsageTimes } from './usage.recorder.js';
