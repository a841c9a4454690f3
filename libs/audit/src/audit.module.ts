import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { DatabaseConfig } from '#libs/database';
import { Feature, HttpModule } from '#libs/http';
import { SecretsModule } from '#libs/secrets';
import { AuditConfig } from './audit.config.js';
import { AuditController } from './audit.controller.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditExport } from './audit-export.js';
import { AuditLog } from './audit-log.js';
import { AuditMetrics } from './audit.metrics.js';
import { AuditSinks } from './audit-sink.js';
import { AuditVerification } from './audit-verification.js';
import { LogPermissions } from './audit.permissions.js';
import { AuditChain } from './chain/audit-chain.js';
import { ChainAdoption } from './chain/chain-adoption.js';
import { ChainKeys } from './chain/chain-keys.js';
import { CheckpointWriter } from './chain/checkpoint-writer.js';
import { PersonalValues } from './personal-values.js';
import { AuditSinksConfig } from './sinks/audit-sinks.config.js';
import { SyslogSink } from './sinks/syslog.sink.js';
import { WebhookSink } from './sinks/webhook.sink.js';

@Feature('Audit log', 'Who changed what, when and from where; written in the same transaction as the change.')
@Module({
  imports: [
    AccessModule.forFeature(LogPermissions),
    DiscoveryModule,
    HttpModule,
    SecretsModule,
    TypeOrmModule.forFeature([AuditEvent]),
  ],
  controllers: [AuditController],
  providers: [
    AuditChain,
    AuditConfig,
    AuditEventRepository,
    AuditExport,
    AuditLog,
    AuditMetrics,
    AuditSinks,
    AuditSinksConfig,
    AuditVerification,
    ChainAdoption,
    ChainKeys,
    CheckpointWriter,
    DatabaseConfig,
    PersonalValues,
    SyslogSink,
    WebhookSink,
  ],
  exports: [AuditEventRepository, AuditLog, ChainKeys, PersonalValues],
})
export class AuditModule {}
