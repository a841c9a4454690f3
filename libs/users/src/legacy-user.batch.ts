import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog } from '#libs/audit';
import { Database } from '#libs/database';
import { invalid, Problem, RowProblem, uuidV7 } from '#libs/http';
import { DEFAULT_ORGANIZATION_ID, OrganizationRepository } from '#libs/organizations';
import { RoleRepository, USER_ROLE } from '#libs/permissions';
import type { LegacyUserOutcome, LegacyUserRow, SoundLegacyUser } from './legacy-user.row.js';
import { newUser, type User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { LegacyKeyProblems, UserProblems } from './users.problems.js';

/** What a batch knows and has come to so far. */
interface Progress {
  readonly now: Date;
  /** By e-mail address in lower case. */
  readonly users: Map<string, User>;
  readonly organizations: ReadonlyMap<string, string>;
  /** Ids of users by the hash of their legacy key. */
  readonly holders: Map<string, string>;
  readonly created: User[];
  readonly completed: User[];
}

/** Stores users with legacy keys, one transaction of them at a time. */
@Injectable()
export class LegacyUserBatch {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly organizations: OrganizationRepository,
    private readonly roles: RoleRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Call it in a transaction; one import at a time gets past its first line. */
  async store(principal: Principal, rows: readonly SoundLegacyUser[]): Promise<LegacyUserOutcome[]> {
    await this.database.serialize('import of legacy keys');
    const progress = await this.begin(principal, rows);
    const outcomes = rows.map(({ line, row }): LegacyUserOutcome => {
      try {
        return { line, ...take(row, progress), problem: null };
      } catch (error) {
        return { line, outcome: 'failed', userId: null, problem: RowProblem.of(error) };
      }
    });
    await this.write(principal, progress);
    return outcomes;
  }

  private async begin(principal: Principal, rows: readonly SoundLegacyUser[]): Promise<Progress> {
    const emails = rows.map(({ row }) => row.email);
    const slugs = rows.flatMap(({ row }) => row.organization ?? []);
    const found = await this.users.byEmailsForUpdate(principal, emails);
    const holders = await this.users.holdersOfLegacyKeys(rows.map(({ row }) => row.sha256));
    return {
      now: await this.database.time(),
      users: new Map(found.map((user) => [user.email.toLowerCase(), user])),
      organizations: await this.organizations.idsBySlug(principal, [...new Set(slugs)]),
      holders: new Map(holders),
      created: [],
      completed: [],
    };
  }

  private async write(principal: Principal, { created, completed }: Progress): Promise<void> {
    const written = [...created, ...completed];
    if (written.length === 0) return;
    await this.users.saveAll(written);
    const [role] = await this.roles.named([USER_ROLE], DEFAULT_ORGANIZATION_ID);
    if (role !== undefined && created.length > 0) {
      principal.assertMayGrant(role.grants);
      await this.roles.assignToAll(idsOf(created), role);
    }
    for (const organizationId of new Set(written.map((user) => user.organizationId))) {
      const here = (users: readonly User[]): string[] =>
        idsOf(users.filter((user) => user.organizationId === organizationId));
      await this.audit.record({
        actor: principal,
        action: 'user.legacy_imported',
        target: { type: 'user_import', id: uuidV7() },
        organizationId,
        after: { created: here(created), completed: here(completed) },
      });
    }
  }
}

function idsOf(users: readonly User[]): string[] {
  return users.map(({ id }) => id);
}

/** @throws Problem request.invalid, user.not_person, legacy_key.taken, legacy_key.other */
function take(row: LegacyUserRow, progress: Progress): Pick<LegacyUserOutcome, 'outcome' | 'userId'> {
  const { sha256, name = null } = row;
  const email = row.email.toLowerCase();
  const organizationId = organizationOf(row, progress);
  const user = progress.users.get(email);
  if (user !== undefined) assertSame(user, organizationId);
  const holder = progress.holders.get(sha256);
  if (holder !== undefined && holder !== user?.id) throw new Problem(LegacyKeyProblems.taken);
  if (user?.apiKeyHash === sha256) return { outcome: 'exists', userId: user.id };
  if (user !== undefined && user.apiKeyHash !== null) throw new Problem(LegacyKeyProblems.other);
  const given = user ?? create(row, name, organizationId ?? DEFAULT_ORGANIZATION_ID, progress);
  given.apiKeyHash = sha256;
  progress.holders.set(sha256, given.id);
  if (user === undefined) return { outcome: 'created', userId: given.id };
  user.name ??= name;
  user.version += 1;
  user.updatedAt = progress.now;
  progress.completed.push(user);
  return { outcome: 'completed', userId: user.id };
}

function create({ email }: LegacyUserRow, name: string | null, organizationId: string, progress: Progress): User {
  const user = newUser(uuidV7(), { organizationId, email, name }, progress.now);
  progress.users.set(email.toLowerCase(), user);
  progress.created.push(user);
  return user;
}

/** Undefined where the row names none. */
function organizationOf({ organization }: LegacyUserRow, { organizations }: Progress): string | undefined {
  if (organization === undefined) return undefined;
  const id = organizations.get(organization);
  if (id === undefined)
    throw invalid([{ pointer: '/organization', detail: 'must be the slug of an organization that is there' }]);
  return id;
}

function assertSame(user: User, organizationId: string | undefined): void {
  if (user.kind === 'service') throw new Problem(UserProblems.notPerson);
  if (organizationId !== undefined && organizationId !== user.organizationId)
    throw invalid([{ pointer: '/organization', detail: 'must be the organization of the user, who is there already' }]);
}
