import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

interface RouteLayer {
  route: { methods: Record<string, boolean> };
  match(path: string): boolean;
}

function isRouteLayer(layer: unknown): layer is RouteLayer {
  return (
    typeof layer === 'object' && layer !== null && 'match' in layer && 'route' in layer && layer.route !== undefined
  );
}

/** Which methods a path supports, asked only when no route matched (RFC 9110, 15.5.6: 405 lists them in Allow). */
@Injectable()
export class RouteTable {
  constructor(private readonly host: HttpAdapterHost) {}

  methodsOf(path: string): string[] {
    const application: { router?: { stack?: unknown[] } } = this.host.httpAdapter.getInstance();
    const methods = new Set<string>();
    for (const layer of application.router?.stack ?? []) {
      if (!isRouteLayer(layer) || !matches(layer, path)) continue;
      if (layer.route.methods.trace === true) continue; // every method: Nest's own answer to what no route serves
      for (const method of Object.keys(layer.route.methods)) if (method !== '_all') methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods].toSorted();
  }
}

function matches(layer: RouteLayer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false; // a parameter that is not valid percent-encoding matches nothing
  }
}
