import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { Feature, HttpModule } from '#libs/http';
import { OrganizationsModule } from '#libs/organizations';
import { PermissionsModule } from '#libs/permissions';
import { LegacyUserBatch } from './legacy-user.batch.js';
import { LegacyUserImporter } from './legacy-user.importer.js';
import { ManagedUsers } from './managed-users.js';
import { PersonalAuditEvents } from './personal-audit-events.js';
import { PersonalDataController } from './personal-data.controller.js';
import { PersonalData } from './personal-data.service.js';
import { ProfileController } from './profile.controller.js';
import { ServiceAccountsController } from './service-accounts.controller.js';
import { ServiceAccountsService } from './service-accounts.service.js';
import { UserGrantHolder } from './user-grant.holder.js';
import { UserRegistrar } from './user-registrar.js';
import { UserRemoval } from './user-removal.js';
import { UserRoles } from './user-roles.js';
import { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { UsersController } from './users.controller.js';
import { ProfilePermissions, UserPermissions } from './users.permissions.js';
import { UsersService } from './users.service.js';

@Feature(
  'Users',
  'Those who own keys, persons and service accounts: their roles, their locks, what is held about them, and one’s own profile.',
)
@Module({
  imports: [
    AccessModule.forFeature(UserPermissions, ProfilePermissions),
    AuditModule,
    DiscoveryModule,
    HttpModule,
    OrganizationsModule,
    PermissionsModule,
    TypeOrmModule.forFeature([User]),
  ],
  controllers: [ProfileController, UsersController, PersonalDataController, ServiceAccountsController],
  providers: [
    LegacyUserBatch,
    LegacyUserImporter,
    ManagedUsers,
    PersonalAuditEvents,
    PersonalData,
    ServiceAccountsService,
    UserGrantHolder,
    UserRegistrar,
    UserRemoval,
    UserRepository,
    UserRoles,
    UsersService,
  ],
  exports: [LegacyUserImporter, ManagedUsers, UserRegistrar, UserRepository],
})
export class UsersModule {}
