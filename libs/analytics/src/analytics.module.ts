import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessModule } from '#libs/access';
import { ApiKeysModule } from '#libs/api-keys';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { AnalyticsConfig } from './analytics.config.js';
import { AnalyticsController } from './analytics.controller.js';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { Consumption } from './consumption.js';
import { KeyReports } from './key-reports.read-model.js';
import { LiveBoard } from './live-board.js';
import { LiveUsageController } from './live-usage.controller.js';
import { LiveUsage } from './live-usage.js';
import { OwnUsageController } from './own-usage.controller.js';
import { CommittedUsage } from './committed-usage.js';
import { PermissionUse } from './permission-use.js';
import { PersonalUsage } from './personal-usage.read-model.js';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import { UsageErasure } from './usage-erasure.js';
import { UsageExportController } from './usage-export.controller.js';
import { UsageExport } from './usage-export.js';
import { UsageLatency } from './usage-latency.js';
import { UsageNames } from './usage-names.read-model.js';
import { UsageRankings } from './usage-ranking.js';
import { UsageReportsController } from './usage-reports.controller.js';
import { UsageRows } from './usage-rows.read-model.js';
import { UsageSelector } from './usage-selector.js';
import { UsageSeries } from './usage-series.js';
import { UsageSummaries } from './usage-summaries.js';
import { UsageFolding } from './usage-folding.js';
import { UsageInterceptor } from './usage.interceptor.js';
import { UsageMetrics } from './usage.metrics.js';
import { UsageRecorder } from './usage.recorder.js';
import { UsageRetention } from './usage-retention.js';
import { UsageSinks } from './usage-sink.js';
import { UsageTables } from './usage-tables.repository.js';
import { UserTiers } from './user-tiers.read-model.js';

@Feature('Analytics', 'Who called what, how often, how fast and with what outcome.')
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(AnalyticsPermissions),
    ApiKeysModule,
    ClockModule,
    DiscoveryModule,
    HttpModule,
  ],
  controllers: [
    AnalyticsController,
    LiveUsageController,
    OwnUsageController,
    UsageExportController,
    UsageReportsController,
  ],
  providers: [
    AnalyticsConfig,
    Consumption,
    KeyReports,
    LiveBoard,
    LiveUsage,
    CommittedUsage,
    PermissionUse,
    PersonalUsage,
    UsageAggregates,
    UsageErasure,
    UsageExport,
    UsageFolding,
    UsageInterceptor,
    UsageLatency,
    UsageMetrics,
    UsageNames,
    UsageRankings,
    UsageRecorder,
    UsageRetention,
    UsageRows,
    UsageSelector,
    UsageSeries,
    UsageSinks,
    UsageSummaries,
    UsageTables,
    UserTiers,
  ],
  exports: [UsageInterceptor, UsageRecorder],
})
export class AnalyticsModule {}
