import { Injectable, type OnModuleInit, RequestMethod, SetMetadata } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { PermissionCatalogue } from './permission-catalogue.js';
import type { PermissionName } from './permission.js';

/** Who may call a route: anybody, any authenticated principal, or holders of all these permissions. */
export type RouteAccess =
  { readonly public: true } | { readonly public: false; readonly required: readonly PermissionName[] };

const ACCESS = 'keyward:access';

/** Anybody may call the route, without a credential. */
export const Public = (): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { public: true } satisfies RouteAccess);

/** Any authenticated principal may call the route, whatever it holds: only for what concerns the caller alone. */
export const Authenticated = (): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { public: false, required: [] } satisfies RouteAccess);

/** Only a principal that holds every one of the permissions may call the route. */
export const RequirePermissions = (
  first: PermissionName,
  ...others: readonly PermissionName[]
): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS, { public: false, required: [first, ...others] } satisfies RouteAccess);

function isRouteAccess(value: unknown): value is RouteAccess {
  return typeof value === 'object' && value !== null && 'public' in value;
}

/** The access of every route, checked and collected at boot. */
@Injectable()
export class RouteAccessTable implements OnModuleInit {
  private readonly byHandler = new Map<object, RouteAccess>();
  private readonly byRoute = new Map<string, RouteAccess>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly catalogue: PermissionCatalogue,
  ) {}

  /** @throws Error listing every route that names no access, and every required permission that nobody declared. */
  onModuleInit(): void {
    const faults: string[] = [];
    for (const { metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      const prototype: unknown = metatype.prototype;
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function' || Reflect.getMetadata('method', handler) === undefined) continue;
        const fault = this.add(metatype, handler);
        if (fault !== undefined) faults.push(`${metatype.name}.${name} (${describe(metatype, handler)}) ${fault}`);
      }
    }
    if (faults.length > 0) throw new Error(`Routes with no valid access:\n  ${faults.join('\n  ')}`);
  }

  /** Undefined for a handler that is no route. */
  of(handler: object): RouteAccess | undefined {
    return this.byHandler.get(handler);
  }

  /** The access of a route as the router knows it: its method and template, which may begin with a prefix of the application. */
  ofRoute(method: string, template: string): RouteAccess | undefined {
    const verb = method === 'HEAD' ? 'GET' : method; // Express serves HEAD by what serves GET
    for (let at = 0; at !== -1; at = template.indexOf('/', at + 1)) {
      const access = this.byRoute.get(`${verb} ${template.slice(at)}`);
      if (access !== undefined) return access;
    }
    return undefined;
  }

  private add(controller: object, handler: object): string | undefined {
    const access: unknown = Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller);
    if (!isRouteAccess(access)) return 'needs @RequirePermissions(...), @Authenticated() or @Public()';
    const undeclared = access.public ? [] : access.required.filter((name) => !this.catalogue.has(name));
    if (undeclared.length > 0) return `requires ${undeclared.join(', ')}, which no feature declares`;
    this.byHandler.set(handler, access);
    this.byRoute.set(describe(controller, handler), access);
    return undefined;
  }
}

function describe(controller: object, handler: object): string {
  const method: unknown = Reflect.getMetadata('method', handler);
  const parts = [Reflect.getMetadata('path', controller), Reflect.getMetadata('path', handler)]
    .map(String)
    .filter((part) => part !== '/');
  return `${typeof method === 'number' ? RequestMethod[method] : '?'} /${parts.join('/')}`;
}
