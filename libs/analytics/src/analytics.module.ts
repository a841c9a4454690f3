import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessModule } from '#libs/access';
import { ApiKeysModule } from '#libs/api-keys';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { AnalyticsConfig } from './analytics.config.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { AnalyticsService } from './analytics.service.js';
import { PersonalUsage } from './personal-usage.read-model.js';
import { UsageErasure } from './usage-erasure.js';
import { UsageInterceptor } from './usage.interceptor.js';
import { UsageReadModel } from './usage.read-model.js';
import { UsageRecorder } from './usage.recorder.js';
import { UsageSinks } from './usage-sink.js';

@Feature('Analytics', 'Who called what, how often, how fast and with what outcome.')
@Module({
  imports: [AccessModule.forFeature(AnalyticsPermissions), ApiKeysModule, ClockModule, DiscoveryModule, HttpModule],
  controllers: [AnalyticsController],
  providers: [
    AnalyticsConfig,
    AnalyticsService,
    PersonalUsage,
    UsageErasure,
    UsageInterceptor,
    UsageReadModel,
    UsageRecorder,
    UsageSinks,
  ],
  exports: [UsageInterceptor, UsageRecorder],
})
export class AnalyticsModule {}
