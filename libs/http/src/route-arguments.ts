/** Where Nest keeps the parameters of a handler: by their kind and their position. */
const ROUTE_ARGUMENTS = '__routeArguments__';
/** Nest's numbers of `@Req()`, `@Body()` and `@Query()`. */
const kinds = { request: 0, body: 3, query: 4 } as const;

/** What each parameter of this kind names; undefined where it takes the whole. */
export function routeArguments(controller: object, method: string, kind: keyof typeof kinds): (string | undefined)[] {
  const parameters: unknown = Reflect.getMetadata(ROUTE_ARGUMENTS, controller, method);
  return Object.entries(parameters ?? {})
    .filter(([key]) => key.startsWith(`${kinds[kind]}:`))
    .map(([, { data }]: [string, { data?: unknown }]) => (typeof data === 'string' ? data : undefined));
}
