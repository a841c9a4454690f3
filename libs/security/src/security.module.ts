import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { AddressLimitGuard } from './address-limit.guard.js';
import { AttemptMonitor } from './attempt-monitor.js';
import { BruteForceDetector } from './brute-force.detector.js';
import { Detections } from './detections.js';
import { type HitCounter } from './hit-counter.js';
import { KeyLimitGuard } from './key-limit.guard.js';
import { KeyLimits } from './key-limits.js';
import { MemoryHitCounter } from './memory-hit.counter.js';
import { QuotaMeter } from './quota-meter.js';
import { RedisHitCounter } from './redis-hit.counter.js';
import { RouteThrottling } from './route-throttling.js';
import { SecurityConfig } from './security.config.js';
import { SecurityEvent } from './security-event.entity.js';
import { SecurityEventRepository } from './security-event.repository.js';
import { SecurityEventWriter } from './security-event.writer.js';
import { SecurityEventsController } from './security-events.controller.js';
import { SecurityEventsService } from './security-events.service.js';
import { SecurityMetrics } from './security.metrics.js';
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

@Feature('Security events', 'What detectors noticed, and what was done about it.')
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(SecurityPermissions),
    AuditModule,
    ClockModule,
    CountersModule,
    DiscoveryModule,
    HttpModule,
    TypeOrmModule.forFeature([SecurityEvent]),
    ThrottlerModule.forRootAsync({
      imports: [CountersModule],
      inject: [CounterThrottlerStorage],
      useFactory: (storage: CounterThrottlerStorage) => ({
        throttlers: [{ name: 'route', ttl: 60_000, limit: 600 }],
        storage,
      }),
    }),
  ],
  controllers: [SecurityEventsController],
  providers: [
    AddressLimitGuard,
    AttemptMonitor,
    BruteForceDetector,
    Detections,
    KeyLimitGuard,
    KeyLimits,
    QuotaMeter,
    RouteThrottling,
    SecurityEventRepository,
    SecurityEventsService,
    SecurityEventWriter,
    SecurityMetrics,
  ],
  exports: [AddressLimitGuard, AttemptMonitor, CountersModule, KeyLimitGuard, KeyLimits, ThrottlerModule],
})
export class SecurityModule {}
