import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import { HttpModule } from '#libs/http';
import { AccessObservers } from './access-observer.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { DeclaredPermissions, PermissionCatalogue } from './permission-catalogue.js';
import type { Permission } from './permission.js';
import { PermissionsGuard } from './permissions.guard.js';
import { RouteAccessTable } from './route-access.js';
import { StandingAccess } from './standing-access.js';

@Module({
  imports: [DiscoveryModule, HttpModule],
  providers: [
    AccessObservers,
    ApiKeyGuard,
    MetadataScanner,
    PermissionCatalogue,
    PermissionsGuard,
    RouteAccessTable,
    StandingAccess,
  ],
  exports: [AccessObservers, ApiKeyGuard, PermissionCatalogue, PermissionsGuard, RouteAccessTable, StandingAccess],
})
export class AccessModule {
  /** Registers a feature's permissions: `AccessModule.forFeature(OrderPermissions)`. */
  static forFeature(...sets: readonly { readonly all: readonly Permission[] }[]): DynamicModule {
    const token = Symbol('DeclaredPermissions'); // one of its own, or one feature's list would replace another's
    const declared = new DeclaredPermissions(sets.flatMap(({ all }) => all));
    return { module: FeaturePermissionsModule, providers: [{ provide: token, useValue: declared }] };
  }
}

/** Only carries a declaration, so that registering one does not make a second AccessModule. */
@Module({})
class FeaturePermissionsModule {}
