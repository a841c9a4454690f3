import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { Feature, HttpModule } from '#libs/http';
import { PermissionsModule } from '#libs/permissions';
import { Organization } from './organization.entity.js';
import { OrganizationRepository } from './organization.repository.js';
import { OrganizationsController } from './organizations.controller.js';
import { OrganizationPermissions } from './organizations.permissions.js';
import { OrganizationsService } from './organizations.service.js';

@Feature('Organizations', 'The tenants of the installation: every user and key belongs to one.')
@Feature('Organizations', 'Tenants: users and keys belong to exactly one.')
@Module({
  imports: [
    AccessModule.forFeature(OrganizationPermissions),
    AuditModule,
    HttpModule,
    PermissionsModule,
    TypeOrmModule.forFeature([Organization]),
  ],
  controllers: [OrganizationsController],
  providers: [OrganizationRepository, OrganizationsService],
  exports: [OrganizationRepository],
})
export class OrganizationsModule {}
