import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type Ordering, type ScopedSelect } from '#libs/database';
import { Cursors, type Page, Problem, RequestProblems } from '#libs/http';
import type { CountedWithin } from './key-room.js';
import { ApiKey, type KeyStatus } from './api-key.entity.js';
import type { ApiKeyListQuery } from './api-keys.dto.js';

/** Whose keys a route is about: the caller's own, or everybody's within the caller's scope. */
export type Reach = 'own' | 'all';

const orderings: Record<NonNullable<ApiKeyListQuery['sort']>, Ordering<ApiKey>> = {
  createdAt: { property: 'id', descending: false },
  '-createdAt': { property: 'id', descending: true },
  name: { property: 'name', descending: false },
  '-name': { property: 'name', descending: true },
};

const statusConditions: Record<KeyStatus, string> = {
  revoked: 'key.revokedAt <= now()',
  expired: '(key.revokedAt is null or key.revokedAt > now()) and key.expiresAt <= now()',
  disabled:
    '(key.revokedAt is null or key.revokedAt > now()) and (key.expiresAt is null or key.expiresAt > now()) and key.disabledAt is not null',
  rotating: 'key.revokedAt > now() and (key.expiresAt is null or key.expiresAt > now()) and key.disabledAt is null',
  active: 'key.revokedAt is null and (key.expiresAt is null or key.expiresAt > now()) and key.disabledAt is null',
};

@Injectable()
export class ApiKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.not_found, the same for a foreign id and for one that never was */
  async get(principal: Principal, reach: Reach, id: string): Promise<ApiKey> {
    return found(await this.visibleTo(principal, reach).andWhere('key.id = :id', { id }).getOne());
  }

  /** Like `get`, and no other transaction changes the key until this one ends. */
  async getForUpdate(principal: Principal, reach: Reach, id: string): Promise<ApiKey> {
    return found(
      await this.visibleTo(principal, reach).andWhere('key.id = :id', { id }).setLock('pessimistic_write').getOne(),
    );
  }

  page(principal: Principal, reach: Reach, query: ApiKeyListQuery): Promise<Page<ApiKey>> {
    const keys = this.visibleTo(principal, reach);
    if (query.status !== undefined) keys.andWhere(statusConditions[query.status]);
    if (query.environment !== undefined)
      keys.andWhere('key.environment = :environment', { environment: query.environment });
    if (query.tag !== undefined) keys.andWhere(':tag = any (key.tags)', { tag: query.tag });
    if (query.ownerId !== undefined) keys.andWhere('key.ownerId = :ownerId', { ownerId: query.ownerId });
    if (query.search !== undefined) {
      keys.andWhere(
        '(strpos(lower(key.name), lower(:search)) > 0 or strpos(lower(key.description), lower(:search)) > 0 or key.id::text = lower(:search) or key.start = :search)',
        {
          search: query.search,
        },
      );
    }
    return keysetPage(keys, orderings[query.sort ?? '-createdAt'], query, this.cursors, `api-keys ${reach}`);
  }

  /** The owner's keys that have not been revoked for good. */
  unrevokedOf(ownerId: string, now: Date): Promise<ApiKey[]> {
    return this.database.regardlessOfOrganization(ApiKey).findBy([
      { ownerId, revokedAt: IsNull() },
      { ownerId, revokedAt: MoreThan(now) },
    ]);
  }

  /** Ids of all keys that the owner ever had. */
  async idsOf(ownerId: string): Promise<string[]> {
    const keys = await this.database
      .regardlessOfOrganization(ApiKey)
      .find({ select: { id: true }, where: { ownerId } });
    return keys.map(({ id }) => id);
  }

  /** The owner's keys, newest first. */
  pageOf(ownerId: string, query: { limit: number; after?: string }): Promise<Page<ApiKey>> {
    const keys = this.database
      .regardlessOfOrganization(ApiKey)
      .createQueryBuilder('key')
      .where('key.ownerId = :ownerId', { ownerId });
    return keysetPage(keys, orderings['-createdAt'], query, this.cursors, `api-keys of ${ownerId}`);
  }

  /** Takes what people wrote on the owner's keys, and where they were used from, out of them. */
  async anonymizeOf(ownerId: string, now: Date): Promise<void> {
    await this.database
      .regardlessOfOrganization(ApiKey)
      .createQueryBuilder()
      .update()
      .set({
        name: 'erased',
        description: null,
        metadata: {},
        tags: [],
        allowedAddresses: [],
        lastUsedAddress: null,
        revocationReason: () => "case when revocation_reason is null then null else 'owner erased' end",
        version: () => 'version + 1',
        updatedAt: now,
      })
      .where('ownerId = :ownerId', { ownerId })
      .execute();
  }

  /** How many keys work; one in its grace does not count beside the successor that works. Null: of all owners, of all environments. */
  async countWorking(within: CountedWithin): Promise<number> {
    const [row] = await this.database.query<{ working: number }>(
      `select count(*)::int as working from api_keys k
       where k.organization_id = $1 and ($2::text is null or k.environment = $2) and ($3::uuid is null or k.owner_id = $3)
         and k.disabled_at is null and (k.expires_at is null or k.expires_at > now())
         and (k.revoked_at is null or (k.revoked_at > now() and not exists (
           select from api_keys s
           where s.rotated_from = k.id and s.revoked_at is null and s.disabled_at is null
             and (s.expires_at is null or s.expires_at > now()))))`,
      [within.organizationId, within.environment, within.ownerId],
    );
    return row?.working ?? 0;
  }

  /** True when the key has been rotated. */
  hasSuccessor(id: string): Promise<boolean> {
    return this.database.regardlessOfOrganization(ApiKey).existsBy({ rotatedFrom: id });
  }

  async insert(key: ApiKey): Promise<void> {
    await this.database.store(ApiKey).save(key);
  }

  async insertAll(keys: readonly ApiKey[]): Promise<void> {
    await this.database.store(ApiKey).saveAll(keys);
  }

  /** Stores the changes and counts the version up. */
  async save(key: ApiKey, now: Date): Promise<void> {
    key.version += 1;
    key.updatedAt = now;
    await this.database.store(ApiKey).save(key);
  }

  private visibleTo({ scope, userId }: Principal, reach: Reach): ScopedSelect<ApiKey> {
    const keys = this.database.within(scope, ApiKey, 'key');
    return reach === 'own' ? keys.andWhere('key.ownerId = :userId', { userId }) : keys;
  }
}

function found(key: ApiKey | null): ApiKey {
  if (key === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such key.' });
  return key;
}
