export { AnalyticsModule } from './analytics.module.js';
export { UsageProblems } from './analytics.problems.js';
export { UsageInterceptor } from './usage.interceptor.js';
export { UsageRecorder, type UsageLoad } from './usage.recorder.js';
