import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import { type RouteAccess, RouteAccessTable } from '#libs/access';
import {
  declaredProblems,
  type FeatureDescription,
  featureOf,
  honoursIfMatch,
  type ProblemDefinition,
} from '#libs/http';

/** What the code of a route says about it, beyond what the swagger module reads. */
export interface DocumentedRoute {
  readonly controller: string;
  readonly method: string;
  readonly feature: FeatureDescription;
  readonly access: RouteAccess;
  /** From @MayFailWith. */
  readonly declared: readonly ProblemDefinition[];
  /** The status of success, where the route says it. */
  readonly succeedsWith: number | undefined;
  /** The class of what it returns on success, where the route says it. */
  readonly returns: unknown;
  readonly honoursIfMatch: boolean;
  /** The classes of its arguments. */
  readonly argumentTypes: readonly unknown[];
  /** Whether calls from one address are limited; false with @SkipThrottle(). */
  readonly limited: boolean;
}

/** The extension by which an operation finds its way back to its handler; taken out of the document again. */
export const HANDLER = 'x-handler';
/** What @SkipThrottle() of @nestjs/throttler writes for the throttler of no particular name. */
const SKIP = 'THROTTLER:SKIPdefault';
/** What @HttpCode() and @ApiResponse() write. */
const STATUS = '__httpCode__';
const RESPONSES = 'swagger/apiResponse';

/** The routes of all controllers, by the name of their handler: `UsersController.list`. */
@Injectable()
export class DocumentedRoutes {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly table: RouteAccessTable,
  ) {}

  /** Marks every handler with its name and returns what is known of it. To be called once the application has booted. */
  collect(): ReadonlyMap<string, DocumentedRoute> {
    const routes = new Map<string, DocumentedRoute>();
    for (const { metatype, host } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      const prototype: unknown = metatype.prototype;
      if (typeof prototype !== 'object' || prototype === null) continue;
      const feature = describeFeature(host?.metatype);
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const handler: unknown = Reflect.get(prototype, method);
        const access = typeof handler === 'function' ? this.table.of(handler) : undefined;
        if (typeof handler !== 'function' || access === undefined) continue;
        const controller = metatype.name;
        const name = `${controller}.${method}`;
        Reflect.decorate([ApiExtension(HANDLER, name)], prototype, method, { value: handler });
        const limited = (Reflect.getMetadata(SKIP, handler) ?? Reflect.getMetadata(SKIP, metatype)) !== true;
        const succeedsWith: number | undefined = Reflect.getMetadata(STATUS, handler);
        const responses: Record<string, { type?: unknown }> = Reflect.getMetadata(RESPONSES, handler) ?? {};
        routes.set(name, {
          controller,
          method,
          feature,
          access,
          declared: declaredProblems(handler),
          succeedsWith,
          returns: responses[String(succeedsWith)]?.type,
          honoursIfMatch: honoursIfMatch(handler),
          argumentTypes: Reflect.getMetadata('design:paramtypes', prototype, method) ?? [],
          limited,
        });
      }
    }
    return routes;
  }
}

function describeFeature(module: unknown): FeatureDescription {
  if (typeof module !== 'function') return { title: 'Other', about: '' };
  return (
    featureOf(module) ?? {
      title: module.name.replace(/Module$/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '),
      about: '',
    }
  );
}
