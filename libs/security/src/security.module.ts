import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { AccessModule } from '#libs/access';
import { ClockModule } from '#libs/clock';
import { AddressLimitGuard } from './address-limit.guard.js';
import { AttemptMonitor } from './attempt-monitor.js';
import { type HitCounter } from './hit-counter.js';
import { KeyLimitGuard } from './key-limit.guard.js';
import { KeyLimits } from './key-limits.js';
import { MemoryHitCounter } from './memory-hit.counter.js';
import { QuotaMeter } from './quota-meter.js';
import { RedisHitCounter } from './redis-hit.counter.js';
import { RouteThrottling } from './route-throttling.js';
import { SecurityConfig } from './security.config.js';
import { SecurityPermissions } from './security.permissions.js';
import { CounterThrottlerStorage, HIT_COUNTER } from './throttler-storage.js';

@Module({
  providers: [
    SecurityConfig,
    {
      provide: HIT_COUNTER,
      inject: [SecurityConfig],
      useFactory: ({ redisUrl }: SecurityConfig): HitCounter =>
        redisUrl === undefined ? new MemoryHitCounter() : new RedisHitCounter(redisUrl),
    },
    CounterThrottlerStorage,
  ],
  exports: [SecurityConfig, HIT_COUNTER, CounterThrottlerStorage],
})
class CountersModule {}

@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(SecurityPermissions),
    ClockModule,
    CountersModule,
    ThrottlerModule.forRootAsync({
      imports: [CountersModule],
      inject: [CounterThrottlerStorage],
      useFactory: (storage: CounterThrottlerStorage) => ({
        throttlers: [{ name: 'route', ttl: 60_000, limit: 600 }],
        storage,
      }),
    }),
  ],
  providers: [AddressLimitGuard, AttemptMonitor, KeyLimitGuard, KeyLimits, QuotaMeter, RouteThrottling],
  exports: [AddressLimitGuard, AttemptMonitor, CountersModule, KeyLimitGuard, KeyLimits, ThrottlerModule],
})
export class SecurityModule {}
