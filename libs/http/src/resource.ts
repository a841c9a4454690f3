import { createHash } from 'node:crypto';

/** What a single resource says about itself outside its body. */
export interface ResourceFacts {
  /** Path below the API's base, such as `api-keys/<id>`; the Location of a resource just created. */
  readonly path: string;
  /** Counts the changes that somebody made; the ETag begins with it, and If-Match is about it. */
  readonly version?: number;
  /** What the body shows and what changes without a new version, such as `lastUsedAt`: also part of the ETag. */
  readonly computed?: readonly unknown[];
}

const facts = new WeakMap<object, ResourceFacts>();

/** Attaches the facts that become headers to a response body; returns the body. */
export function asResource<T extends object>(body: T, about: ResourceFacts): T {
  facts.set(body, about);
  return body;
}

/** The facts attached to a response body. */
export function factsOf(body: unknown): ResourceFacts | undefined {
  return typeof body === 'object' && body !== null ? facts.get(body) : undefined;
}

/** The headers that go with `body`: ETag for a versioned resource and, when it was created, its Location. */
export function resourceHeaders(
  body: object,
  status: number,
  basePath: string,
): readonly (readonly [name: string, value: string])[] {
  const about = facts.get(body);
  if (about === undefined) return none;
  const headers: [string, string][] = [];
  if (about.version !== undefined) headers.push(['ETag', entityTag(about.version, about.computed)]);
  if (status === 201) headers.push(['Location', `${basePath}/${about.path}`]);
  return headers;
}

const none: readonly (readonly [string, string])[] = [];

function entityTag(version: number, computed: readonly unknown[] | undefined): string {
  if (computed === undefined) return `"${version}"`;
  return `"${version}-${createHash('sha1').update(JSON.stringify(computed)).digest('base64url').slice(0, 10)}"`;
}

/** The version that an entity tag of ours begins with; undefined for any other. */
export function versionOf(tag: string): number | undefined {
  const digits = /^"([1-9]\d{0,14})(?:-[\w-]{10})?"$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
