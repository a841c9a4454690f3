/** What a single resource says about itself outside its body. */
export interface ResourceFacts {
  /** Path below the API's base, such as `api-keys/<id>`; the Location of a resource just created. */
  readonly path: string;
  /** Grows with every change; becomes the ETag. */
  readonly version?: number;
}

const facts = new WeakMap<object, ResourceFacts>();

/** Attaches the facts that become headers to a response body; returns the body. */
export function asResource<T extends object>(body: T, about: ResourceFacts): T {
  facts.set(body, about);
  return body;
}

/** The headers that go with `body`: ETag for a versioned resource and, when it was created, its Location. */
export function resourceHeaders(body: object, status: number, basePath: string): readonly (readonly [name: string, value: string])[] {
  const about = facts.get(body);
  if (about === undefined) return none;
  const headers: [string, string][] = [];
  if (about.version !== undefined) headers.push(['ETag', `"${about.version}"`]);
  if (status === 201) headers.push(['Location', `${basePath}/${about.path}`]);
  return headers;
}

const none: readonly (readonly [string, string])[] = [];
