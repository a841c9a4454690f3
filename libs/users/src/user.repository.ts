import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type Ordering, type ScopedSelect, violates } from '#libs/database';
import { Cursors, isUuid, type Page, Problem, RequestProblems } from '#libs/http';
import { User } from './user.entity.js';
import type { UserListQuery } from './users.dto.js';
import { UserProblems } from './users.problems.js';

const orderings: Record<NonNullable<UserListQuery['sort']>, Ordering<User>> = {
  createdAt: { property: 'id', descending: false },
  '-createdAt': { property: 'id', descending: true },
  email: { property: 'email', descending: false },
  '-email': { property: 'email', descending: true },
};

/** Users who exist; whoever is of another organization than the principal's scope does not exist for it. */
@Injectable()
export class UserRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.not_found, the same for a foreign id and for one that never was */
  async get(principal: Principal, id: string): Promise<User> {
    return found(await this.find(principal, id));
  }

  /** Null when there is none, or not any more. */
  find(principal: Principal, id: string): Promise<User | null> {
    return this.visibleTo(principal).andWhere('user.id = :id', { id }).getOne();
  }

  /** The user with this address, in any case. @throws Problem request.not_found */
  async getByEmail(principal: Principal, email: string): Promise<User> {
    const user = await this.visibleTo(principal).andWhere('lower(user.email) = lower(:email)', { email }).getOne();
    if (user === null)
      throw new Problem(RequestProblems.notFound, { detail: `There is no user with the e-mail address ${email}.` });
    return user;
  }

  /** Like `get`, and no other transaction changes the user until this one ends. */
  async getForUpdate(principal: Principal, id: string): Promise<User> {
    return found(
      await this.visibleTo(principal).andWhere('user.id = :id', { id }).setLock('pessimistic_write').getOne(),
    );
  }

  /** Waits for a removal that is under way, and lets none begin until this transaction ends. @throws Problem request.not_found */
  async assertPresent(id: string): Promise<void> {
    const users = this.database.regardlessOfOrganization(User).createQueryBuilder('user');
    const present = users.where('user.id = :id and user.deletedAt is null', { id });
    found(await present.setLock('for_key_share').getOne());
  }

  /**
   * Those of the users named by id (lower case) or e-mail address (any case) who are there; the same as `assertPresent` for
   * each of them.
   */
  async presentAmong(principal: Principal, named: readonly string[]): Promise<User[]> {
    const [ids, emails] = [named.filter(isUuid), named.filter((name) => !isUuid(name))];
    const users = this.visibleTo(principal).andWhere(
      '(user.id = any (:ids::uuid[]) or lower(user.email) in (select lower(email) from unnest(:emails::text[]) email))',
      { ids, emails },
    );
    return users.addOrderBy('user.id', 'ASC').setLock('for_key_share').getMany();
  }

  /** Those with these e-mail addresses (any case); no other transaction changes them until this one ends. */
  byEmailsForUpdate(principal: Principal, emails: readonly string[]): Promise<User[]> {
    return this.visibleTo(principal)
      .andWhere('lower(user.email) in (select lower(email) from unnest(:emails::text[]) email)', { emails })
      .addOrderBy('user.id', 'ASC')
      .setLock('pessimistic_write')
      .getMany();
  }

  /** Stores new users and changed ones. */
  async saveAll(users: readonly User[]): Promise<void> {
    await this.database.store(User).saveAll(users);
  }

  /** Whose the legacy keys with these hashes (SHA-256 in hex) are, whoever asks. */
  async holdersOfLegacyKeys(hashes: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.query<{ id: string; hash: string }>(
      'select id, api_key_hash as hash from users where api_key_hash = any ($1::text[])',
      [hashes],
    );
    return new Map(rows.map(({ hash, id }) => [hash, id]));
  }

  /** Like `get`, and those who were deleted but not erased are found too. */
  async getErasable(principal: Principal, id: string): Promise<User> {
    return found(await this.erasableBy(principal, id).getOne());
  }

  /** Like `getErasable`, and no other transaction changes the user until this one ends. */
  async getForErasure(principal: Principal, id: string): Promise<User> {
    return found(await this.erasableBy(principal, id).setLock('pessimistic_write').getOne());
  }

  page(principal: Principal, query: UserListQuery): Promise<Page<User>> {
    const users = this.visibleTo(principal);
    const kind = query.kind ?? 'person';
    if (kind !== 'all') users.andWhere('user.kind = :kind', { kind });
    if (query.search !== undefined) {
      users.andWhere("(user.email ilike :pattern escape '\\' or user.name ilike :pattern escape '\\')", {
        pattern: contains(query.search),
      });
    }
    if (query.role !== undefined) {
      users.andWhere(
        'exists (select from role_assignments a join roles r on r.id = a.role_id where a.user_id = user.id and r.name = :role)',
        { role: query.role },
      );
    }
    const locked = 'user.lockedAt is not null and (user.lockedUntil is null or user.lockedUntil > now())';
    if (query.status !== undefined) users.andWhere(query.status === 'locked' ? `(${locked})` : `not (${locked})`);
    if (query.subscriptionTier !== undefined)
      users.andWhere('user.subscriptionTier = :tier', { tier: query.subscriptionTier });
    return keysetPage(users, orderings[query.sort ?? '-createdAt'], query, this.cursors, 'users');
  }

  /** @throws Problem user.email_taken */
  async insert(user: User): Promise<void> {
    await refusingTakenEmail(() => this.database.store(User).insert(user));
  }

  /** Stores the changes and counts the version up. @throws Problem user.email_taken */
  async save(user: User, now: Date): Promise<void> {
    user.version += 1;
    user.updatedAt = now;
    await refusingTakenEmail(() => this.database.store(User).save(user));
  }

  private visibleTo({ scope }: Principal): ScopedSelect<User> {
    return this.database.within(scope, User, 'user').andWhere('user.deletedAt is null');
  }

  private erasableBy({ scope }: Principal, id: string): ScopedSelect<User> {
    const users = this.database.within(scope, User, 'user').andWhere('user.erasedAt is null');
    return users.andWhere('user.id = :id', { id });
  }
}

function found(user: User | null): User {
  if (user === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such user.' });
  return user;
}

/** A LIKE pattern for texts that contain `part` literally. */
function contains(part: string): string {
  return `%${part.replaceAll(/[\\%_]/g, (special) => `\\${special}`)}%`;
}

async function refusingTakenEmail(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'users_email_key')) throw new Problem(UserProblems.emailTaken);
    throw error;
  }
}
