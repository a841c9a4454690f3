import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { RequestMethod } from '@nestjs/common';

/** A route as it is served. */
export interface RegisteredRoute {
  readonly method: string;
  /** From the root, with `:name` for parameters. */
  readonly path: string;
  readonly handler: object;
  readonly controller: Function;
  /** Of the handler in its controller. */
  readonly name: string;
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Record<string, boolean> };
}

/** Every route of every controller, with the path under which the router serves it. */
export function registeredRoutes(app: INestApplication): RegisteredRoute[] {
  const stack: Layer[] = app.getHttpAdapter().getInstance().router.stack;
  const served = stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => ({ method: method.toUpperCase(), path: route.path })),
  );
  return app
    .get(DiscoveryService, { strict: false })
    .getControllers()
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? handlersOf(metatype) : []))
    .map((declared) => {
      const { method, path } = declared;
      const found = served.find((route) => route.method === method && [`/api/v1${path}`, path].includes(route.path));
      if (found === undefined) throw new Error(`${method} ${path} is declared, but the router does not serve it`);
      return Object.assign(declared, { path: found.path });
    });
}

function handlersOf(controller: Function): RegisteredRoute[] {
  const prototype = controller.prototype as object;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = Reflect.get(prototype, name) as object;
    const method = Reflect.getMetadata('method', handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const parts = [Reflect.getMetadata('path', controller), Reflect.getMetadata('path', handler)].map(String);
    const path = `/${parts
      .map((part) => part.replaceAll(/^\/|\/$/g, ''))
      .filter((part) => part !== '')
      .join('/')}`;
    return [{ handler, controller, name, method: RequestMethod[method] ?? '', path }];
  });
}
