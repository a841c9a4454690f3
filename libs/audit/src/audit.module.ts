import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { Feature, HttpModule } from '#libs/http';
import { AuditController } from './audit.controller.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuditEventRepository } from './audit-event.repository.js';
import { AuditLog } from './audit-log.js';
import { LogPermissions } from './audit.permissions.js';

@Feature('Audit log', 'Who changed what, when and from where; written in the same transaction as the change.')
@Module({
  imports: [AccessModule.forFeature(LogPermissions), HttpModule, TypeOrmModule.forFeature([AuditEvent])],
  controllers: [AuditController],
  providers: [AuditLog, AuditEventRepository],
  exports: [AuditLog],
})
export class AuditModule {}
