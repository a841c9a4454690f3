import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { TakesPartInUserRemoval, type UserRemovalParticipant } from '#libs/users';
import { ApiKeyRepository } from './api-key.repository.js';
import { ManagedKeys } from './managed-keys.js';

/** A user's keys are revoked when the user is removed. */
@TakesPartInUserRemoval()
@Injectable()
export class OwnerRemoval implements UserRemovalParticipant {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly managed: ManagedKeys,
  ) {}

  async userRemoved(principal: Principal, userId: string, now: Date): Promise<void> {
    for (const key of await this.keys.unrevokedOf(userId, now)) {
      await this.managed.apply(principal, key, 'api_key.revoked', (revoked, at) => revoked.revoke(at, 'owner deleted'));
    }
  }
}
