import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { Feature, HttpModule } from '#libs/http';
import { AuditController } from './audit.controller.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditLog } from './audit-log.js';
import { AuditSinks } from './audit-sink.js';
import { LogPermissions } from './audit.permissions.js';
import { PersonalValues } from './personal-values.js';

@Feature('Audit log', 'Who changed what, when and from where; written in the same transaction as the change.')
@Module({
  imports: [
    AccessModule.forFeature(LogPermissions),
    DiscoveryModule,
    HttpModule,
    TypeOrmModule.forFeature([AuditEvent]),
  ],
  controllers: [AuditController],
  providers: [AuditLog, AuditEventRepository, AuditSinks, PersonalValues],
  exports: [AuditEventRepository, AuditLog, PersonalValues],
})
export class AuditModule {}
