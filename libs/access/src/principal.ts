import { type Caller, Problem, type RequestContext } from '#libs/http';
import { AccessProblems } from './access.problems.js';
import type { Actor } from './actor.js';
import { covers } from './grants.js';

/** How often a key may call. */
export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** How much a key may call in a calendar period (UTC), or in all. */
export interface Quota {
  readonly limit: number;
  readonly period: 'day' | 'month' | 'total';
}

/** What is known of an authenticated caller apart from the call itself; shared by all calls with one credential. */
export interface Identity extends Caller {
  /** What the owner holds: the grants of their roles and their own. */
  readonly ownerGrants: readonly string[];
  /** What the credential itself was granted. */
  readonly keyGrants: readonly string[];
  /** Exact names that both lists give. */
  readonly permissions: ReadonlySet<string>;
  /** True when a role of the owner reaches over all organizations. */
  readonly installationWide: boolean;
  /** Under which name rate and quota are counted: a rotated key and its successor share it; null: the user's id. */
  readonly limitSubject: string | null;
  readonly rateLimit: RateLimit | null;
  readonly quota: Quota | null;
  /** When the credential ends; null for never. */
  readonly expiresAt: Date | null;
  /** From where the credential works; empty for everywhere. */
  readonly allowedAddresses: readonly string[];
}

/** Nothing holds the credential back but its grants. */
export const unbounded = {
  limitSubject: null,
  rateLimit: null,
  quota: null,
  expiresAt: null,
  allowedAddresses: [],
} as const satisfies Partial<Identity>;

/** The authenticated caller of one call. */
export class Principal implements Actor {
  constructor(
    readonly identity: Identity,
    private readonly call: Pick<RequestContext, 'requestId' | 'clientAddress' | 'userAgent' | 'precondition'> | null,
    readonly kind: 'api_key' | 'system' = 'api_key',
    readonly name: string | null = null,
  ) {}

  /** Keyward itself, for the first administrator and the command line; it holds everything. */
  static system(name: string): Principal {
    const identity: Identity = {
      keyId: null,
      userId: null,
      organizationId: null,
      ownerGrants: ['*'],
      keyGrants: ['*'],
      permissions: new Set(),
      installationWide: true,
      ...unbounded,
    };
    return new Principal(identity, null, 'system', name);
  }

  get keyId(): string | null {
    return this.identity.keyId;
  }
  get userId(): string | null {
    return this.identity.userId;
  }
  get organizationId(): string | null {
    return this.identity.organizationId;
  }
  get requestId(): string | null {
    return this.call?.requestId ?? null;
  }
  get address(): string | null {
    return this.call?.clientAddress ?? null;
  }
  get userAgent(): string | null {
    return this.call?.userAgent ?? null;
  }

  /** The organization whose rows the principal sees; null when it sees those of all. */
  get scope(): string | null {
    return this.identity.installationWide ? null : this.identity.organizationId;
  }

  /** True when the principal holds `grant`, which may be a wildcard. */
  holds(grant: string): boolean {
    return covers(this.identity.ownerGrants, grant) && covers(this.identity.keyGrants, grant);
  }

  /** @throws Problem permission.escalation when the principal is bound to one organization */
  assertReachesAll(): void {
    if (this.scope === null) return;
    throw new Problem(AccessProblems.escalation, { detail: 'Your own roles do not reach beyond your organization.' });
  }

  /**
   * The state that the principal has seen, if If-Match told one, is the present one. Call it with the row locked; it is
   * about the first row of a call, which is the one that the route names; null where there is none yet.
   * @throws Problem request.precondition_failed
   */
  assertSeen(row: { readonly version: number } | null): void {
    this.call?.precondition?.assertMetBy(row?.version ?? null);
  }

  /** @throws Problem permission.escalation unless the principal holds every one of `grants`. */
  assertMayGrant(grants: readonly string[]): void {
    const lacking = grants.filter((grant) => !this.holds(grant));
    if (lacking.length === 0) return;
    throw new Problem(AccessProblems.escalation, {
      detail: `You do not hold ${lacking.join(', ')}, so you cannot grant it.`,
      members: { missing: lacking },
    });
  }
}
