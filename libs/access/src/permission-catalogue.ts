import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Problem } from '#libs/http';
import { AccessProblems } from './access.problems.js';
import { grantPattern } from './grants.js';
import type { Permission } from './permission.js';

/** Injection token under which `AccessModule.forFeature` registers a feature's permissions. */
export class DeclaredPermissions {
  constructor(readonly permissions: readonly Permission[]) {}
}

/** Every permission that any feature declared, by name. */
@Injectable()
export class PermissionCatalogue {
  private loaded: ReadonlyMap<string, Permission> | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  has(name: string): boolean {
    return this.byName.has(name);
  }

  names(): IterableIterator<string> {
    return this.byName.keys();
  }

  all(): readonly Permission[] {
    return [...this.byName.values()];
  }

  /** True for the name of a permission and for a wildcard that covers at least one. */
  isGrant(grant: string): boolean {
    if (grant === '*' || this.has(grant)) return true;
    return grant.endsWith(':*') && this.all().some(({ name }) => name.startsWith(grant.slice(0, -1)));
  }

  /** @throws Problem permission.unknown unless each of `grants` gives something that exists */
  assertGrants(grants: readonly string[]): void {
    const unknown = grants.filter((grant) => !this.isGrant(grant));
    if (unknown.length === 0) return;
    throw new Problem(AccessProblems.unknown, {
      detail: `There is no permission ${unknown.join(', ')}.`,
      errors: [
        {
          pointer: '/permissions',
          detail: 'must name permissions of GET /api/v1/admin/permissions, <category>:* or *',
        },
      ],
    });
  }

  /** @throws Error when a permission is declared twice or its name has not the form `<subject>:<action>` */
  private get byName(): ReadonlyMap<string, Permission> {
    this.loaded ??= this.load();
    return this.loaded;
  }

  private load(): ReadonlyMap<string, Permission> {
    const byName = new Map<string, Permission>();
    const instances: unknown[] = this.discovery.getProviders().map(({ instance }) => instance);
    const declarations = new Set(instances.filter((instance) => instance instanceof DeclaredPermissions));
    for (const permission of [...declarations].flatMap(({ permissions }) => permissions)) {
      if (byName.has(permission.name)) throw new Error(`The permission ${permission.name} is declared twice.`);
      if (!grantPattern.test(permission.name) || permission.name.includes('*')) {
        throw new Error(`The permission ${permission.name} is not of the form <subject>:<action> in lower case.`);
      }
      byName.set(permission.name, permission);
    }
    return byName;
  }
}
