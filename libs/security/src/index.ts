export { addressGroup } from './address-group.js';
export { AddressLimitGuard } from './address-limit.guard.js';
export { AttemptMonitor } from './attempt-monitor.js';
export type { HitCounter } from './hit-counter.js';
export { KeyLimitGuard } from './key-limit.guard.js';
export { KeyLimits } from './key-limits.js';
export { RedisHitCounter } from './redis-hit.counter.js';
export {
  SecurityDetector,
  type Detection,
  type Detector,
  type ExaminedCall,
  type Severity,
} from './security-detector.js';
export { SecurityModule } from './security.module.js';
export { QuotaProblems, RateLimitProblems } from './security.problems.js';
export { HIT_COUNTER } from './throttler-storage.js';
