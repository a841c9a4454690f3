import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { Feature } from '#libs/http';
import { AccessChanges } from './access-changes.js';
import { Administrators } from './administrators.js';
import { CatalogueSynchronizer } from './catalogue-synchronizer.js';
import { StoredPermission } from './permission.entity.js';
import { PermissionsController } from './permissions.controller.js';
import { GrantPermissions, RolePermissions } from './permissions.permissions.js';
import { RoleAssignment } from './role-assignment.entity.js';
import { RoleAssignments } from './role-assignments.js';
import { Role } from './role.entity.js';
import { RoleRepository } from './role.repository.js';

@Feature('Permissions', 'What may be granted to roles and keys.')
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(GrantPermissions, RolePermissions),
    AuditModule,
    TypeOrmModule.forFeature([Role, RoleAssignment, StoredPermission]),
  ],
  controllers: [PermissionsController],
  providers: [AccessChanges, Administrators, CatalogueSynchronizer, RoleAssignments, RoleRepository],
  exports: [AccessChanges, Administrators, RoleAssignments, RoleRepository],
})
export class PermissionsModule {}
