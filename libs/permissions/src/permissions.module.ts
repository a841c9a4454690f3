import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { Feature, HttpModule } from '#libs/http';
import { AccessChanges } from './access-changes.js';
import { Administrators } from './administrators.js';
import { CatalogueSynchronizer } from './catalogue-synchronizer.js';
import { GrantsService } from './grants.service.js';
import { StoredPermission } from './permission.entity.js';
import { PermissionsController } from './permissions.controller.js';
import { GrantPermissions, RolePermissions } from './permissions.permissions.js';
import { RoleAssignment } from './role-assignment.entity.js';
import { RoleAssignments } from './role-assignments.js';
import { RoleGrantHolder } from './role-grant.holder.js';
import { Role } from './role.entity.js';
import { RoleRepository } from './role.repository.js';
import { RolesController } from './roles.controller.js';
import { RolesService } from './roles.service.js';

@Feature('Permissions', 'What may be granted to roles and keys.')
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(GrantPermissions, RolePermissions),
    AuditModule,
    DiscoveryModule,
    HttpModule,
    TypeOrmModule.forFeature([Role, RoleAssignment, StoredPermission]),
  ],
  controllers: [PermissionsController, RolesController],
  providers: [
    AccessChanges,
    Administrators,
    CatalogueSynchronizer,
    GrantsService,
    RoleGrantHolder,
    RoleAssignments,
    RoleRepository,
    RolesService,
  ],
  exports: [AccessChanges, Administrators, RoleAssignments, RoleRepository],
})
export class PermissionsModule {}
