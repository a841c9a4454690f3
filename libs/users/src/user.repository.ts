import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type Ordering, violates } from '#libs/database';
import { Cursors, type Page, Problem, RequestProblems } from '#libs/http';
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
    return found(await this.visibleTo(principal).andWhere('user.id = :id', { id }).getOne());
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
    const users = this.database.repository(User).createQueryBuilder('user').where('user.deletedAt is null');
    found(await users.andWhere('user.id = :id', { id }).setLock('for_key_share').getOne());
  }

  /** Like `getForUpdate`, and those who were deleted but not erased are found too. */
  async getForErasure(principal: Principal, id: string): Promise<User> {
    const users = this.database.repository(User).createQueryBuilder('user').where('user.erasedAt is null');
    if (principal.scope !== null) users.andWhere('user.organizationId = :scope', { scope: principal.scope });
    return found(await users.andWhere('user.id = :id', { id }).setLock('pessimistic_write').getOne());
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
    await refusingTakenEmail(() => this.database.repository(User).insert(user));
  }

  /** Stores the changes and counts the version up. @throws Problem user.email_taken */
  async save(user: User, now: Date): Promise<void> {
    user.version += 1;
    user.updatedAt = now;
    await refusingTakenEmail(() => this.database.repository(User).save(user, { reload: false }));
  }

  private visibleTo(principal: Principal): SelectQueryBuilder<User> {
    const users = this.database.repository(User).createQueryBuilder('user').where('user.deletedAt is null');
    return principal.scope === null
      ? users
      : users.andWhere('user.organizationId = :scope', { scope: principal.scope });
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
