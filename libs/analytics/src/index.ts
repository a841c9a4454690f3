export { AnalyticsModule } from './analytics.module.js';
export { UsageProblems } from './analytics.problems.js';
export { UsageInterceptor } from './usage.interceptor.js';
export type { UsageRecord } from './usage-record.js';
export { UsageSink, type UsageReceiver } from './usage-sink.js';
export { UsageRecorder, type UsageLoad } from './usage.recorder.js';
