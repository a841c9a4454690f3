import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { AccessModule } from '#libs/access';
import { AnalyticsModule } from '#libs/analytics';
import { ApiKeysConfig } from '#libs/api-keys';
import { SecurityModule } from '#libs/security';
import { Feature } from '#libs/http';
import { DatabaseWriteProbe } from './database-write.probe.js';
import { DiagnosticsService } from './diagnostics.service.js';
import { EventLoop } from './event-loop.js';
import { HealthController } from './health.controller.js';
import { HealthMetrics } from './health.metrics.js';
import { MonitoringPermissions, SystemPermissions } from './health.permissions.js';
import { HealthService } from './health.service.js';
import { Probes } from './probes.js';
import { RedisProbe } from './redis.probe.js';
import { Replica } from './replica.js';
import { Shutdown } from './shutdown.js';
import { Startup } from './startup.js';
import { SystemController } from './system.controller.js';
import { SystemReadModel } from './system.read-model.js';
import { SystemService } from './system.service.js';

@Feature('Health', 'Probes for orchestrators, a summary for people, and diagnostics for operators.')
@Module({
  imports: [
    AccessModule.forFeature(MonitoringPermissions, SystemPermissions),
    AnalyticsModule,
    DiscoveryModule,
    SecurityModule,
    TerminusModule.forRoot({ logger: false }), // ProbeWatch logs the turns; a line for every probe helps nobody
  ],
  controllers: [HealthController, SystemController],
  providers: [
    ApiKeysConfig,
    DatabaseWriteProbe,
    DiagnosticsService,
    EventLoop,
    HealthMetrics,
    HealthService,
    Probes,
    RedisProbe,
    Replica,
    Shutdown,
    Startup,
    SystemReadModel,
    SystemService,
  ],
  exports: [Shutdown],
})
export class HealthModule {}
