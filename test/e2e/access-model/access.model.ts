import { commonGrants } from '#libs/access';
/** Grants as sets: a bit for each permission of the catalogue, for each wildcard `<subject>:*` and for `*` itself. */
export class Powers {
  private readonly universe: readonly string[];
  private readonly known = new Map<string, bigint>();

  constructor(names: readonly string[]) {
    this.universe = ['*', ...new Set(names.map((name) => `${subjectOf(name)}:*`)), ...names];
  }

  /** How many bits there are. */
  get size(): bigint {
    return BigInt(this.universe.length);
  }

  of(grants: readonly string[]): bigint {
    return grants.reduce((all, grant) => all | this.one(grant), 0n);
  }

  /** The one bit of `name`, whatever it would give. */
  exactly(name: string): bigint {
    return 1n << BigInt(this.universe.indexOf(name));
  }

  private one(grant: string): bigint {
    const given =
      this.known.get(grant) ??
      this.universe.reduce((all, wanted, bit) => all | (gives(grant, wanted) ? 1n << BigInt(bit) : 0n), 0n);
    this.known.set(grant, given);
    return given;
  }
}

export const gives = (grant: string, wanted: string): boolean =>
  grant === '*' || grant === wanted || grant === `${subjectOf(wanted)}:*`;

const subjectOf = (name: string): string => name.slice(0, name.indexOf(':'));

export interface Organization {
  readonly id: string;
  suspended: boolean;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  /** Null: offered to all. */
  readonly organization: Organization | null;
  readonly builtIn: boolean;
  /** Its holders see every organization. */
  readonly wide: boolean;
  grants: readonly string[];
}

export interface User {
  readonly id: string;
  readonly organization: Organization;
  roles: readonly Role[];
  grants: readonly string[];
  locked: boolean;
  deleted: boolean;
}

export interface Key {
  readonly id: string;
  readonly secret: string;
  readonly owner: User;
  grants: readonly string[];
  /** A year; Infinity for never, 0 for one that has passed. */
  expires: number;
  disabled: boolean;
  /** `later`: in the grace of its rotation. */
  revoked: 'never' | 'later' | 'now';
  isRotated: boolean;
}

/** What is, and who may do what with it, by the contract alone. */
export class AccessModel {
  readonly users: User[] = [];
  readonly keys: Key[] = [];

  /** `root`: the installation's administrator; `roles`: those of the world and the built-in ones. */
  constructor(
    readonly powers: Powers,
    readonly organizations: readonly [Organization, Organization],
    readonly root: Key,
    readonly roles: Role[],
  ) {}

  statusOf({ revoked, expires, disabled }: Key): string {
    if (revoked === 'now') return 'revoked';
    if (expires === 0) return 'expired';
    if (disabled) return 'disabled';
    return revoked === 'later' ? 'rotating' : 'active';
  }

  /** The answer to the credential itself; undefined when it is accepted. */
  refusalOf(key: Key): string | undefined {
    const status = key.owner.deleted ? 'revoked' : this.statusOf(key);
    if (status !== 'active' && status !== 'rotating') return `api_key.${status}`;
    if (key.owner.locked) return 'account.locked';
    return key.owner.organization.suspended ? 'organization.suspended' : undefined;
  }

  /** What the owner gives and the key gives. */
  powerOf({ owner, grants }: Key): bigint {
    return this.heldBy(owner) & this.powers.of(grants);
  }

  heldBy({ roles, grants }: Pick<User, 'roles' | 'grants'>): bigint {
    return roles.reduce((held, role) => held | this.powers.of(role.grants), this.powers.of(grants));
  }

  /** The grants that the owner of `actor` and it have in common, which is all that it can hand on to somebody else. */
  heldThrough({ owner, grants }: Key): string[] {
    return commonGrants(union(owner.grants, ...owner.roles.map((role) => role.grants)), grants).toSorted();
  }

  /** Whether `actor` lacks something of `power`, or holds it in one organization alone where `wide` asks for all. */
  lacks(actor: Key, power: bigint, wide = false): boolean {
    return (power & ~this.powerOf(actor)) !== 0n || (wide && !isWide(actor.owner));
  }

  lacksGrants(actor: Key, grants: readonly string[]): boolean {
    return this.lacks(actor, this.powers.of(grants));
  }

  /** Whether whoever got the secret of such a key could do what `actor` cannot. */
  lacksKey(actor: Key, key: Pick<Key, 'owner' | 'grants'>): boolean {
    return this.lacks(actor, this.heldBy(key.owner) & this.powers.of(key.grants), isWide(key.owner));
  }

  sees(actor: Key, organization: Organization | null): boolean {
    return isWide(actor.owner) || organization === null || organization === actor.owner.organization;
  }

  seesUser(actor: Key, user: User): boolean {
    return !user.deleted && this.sees(actor, user.organization);
  }

  /** Only an administrator manages an administrator, or what is theirs. */
  mayManage(actor: Key, user: User): boolean {
    return actor.owner === user || !isAdministrator(user) || !this.lacks(actor, this.powers.of(['*']), true);
  }

  holdersOf(role: Role): User[] {
    return this.users.filter((user) => !user.deleted && user.roles.includes(role));
  }
}

export const isWide = ({ roles }: User): boolean => roles.some(({ wide }) => wide);

const isAdministrator = ({ roles }: User): boolean => roles.some(({ builtIn, name }) => builtIn && name === 'admin');

export const union = <T>(...lists: readonly (readonly T[])[]): T[] => [...new Set(lists.flat())];

export const newUser = (id: string, organization: Organization): User => ({
  id,
  organization,
  roles: [],
  grants: [],
  locked: false,
  deleted: false,
});

/** `issued`: the answer that shows the key once. */
export const newKey = ({ id, key }: { id: string; key: string }, owner: User): Key => ({
  id,
  secret: key,
  owner,
  grants: [],
  expires: Infinity,
  disabled: false,
  revoked: 'never',
  isRotated: false,
});

/** A year as the API takes it, and as it answers. */
export const timeOf = (year: number): string | null => (year === Infinity ? null : `${year}-01-01T00:00:00.000Z`);
