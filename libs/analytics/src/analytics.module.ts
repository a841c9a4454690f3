import { Module } from '@nestjs/common';
import { AccessModule } from '#libs/access';
import { ApiKeysModule } from '#libs/api-keys';
import { ClockModule } from '#libs/clock';
import { Feature } from '#libs/http';
import { AnalyticsConfig } from './analytics.config.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { AnalyticsService } from './analytics.service.js';
import { UsageInterceptor } from './usage.interceptor.js';
import { UsageReadModel } from './usage.read-model.js';
import { UsageRecorder } from './usage.recorder.js';

@Feature('Analytics', 'Who called what, how often, how fast and with what outcome.')
@Module({
  imports: [AccessModule.forFeature(AnalyticsPermissions), ApiKeysModule, ClockModule],
  controllers: [AnalyticsController],
  providers: [AnalyticsConfig, AnalyticsService, UsageInterceptor, UsageReadModel, UsageRecorder],
  exports: [UsageInterceptor, UsageRecorder],
})
export class AnalyticsModule {}
