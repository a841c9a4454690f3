import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { HoldsPersonalData, type PersonalDataHolder, type PersonalDataPart } from '#libs/users';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyView } from './api-key-views.dto.js';

/** The keys of a user, without their secrets, which nobody has; what their owner wrote on them goes with the owner. */
@HoldsPersonalData()
@Injectable()
export class PersonalKeys implements PersonalDataHolder {
  readonly section = 'apiKeys';

  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly database: Database,
  ) {}

  async exportOf(userId: string, limit: number, after: string | undefined): Promise<PersonalDataPart> {
    const { items, next } = await this.keys.pageOf(userId, { limit, after });
    const now = await this.database.time();
    return { items: items.map((key) => ApiKeyView.of(key, now)), next };
  }

  async eraseOf(userId: string): Promise<void> {
    await this.keys.anonymizeOf(userId, await this.database.time());
  }
}
