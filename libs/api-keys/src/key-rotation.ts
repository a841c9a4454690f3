import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Problem } from '#libs/http';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeyIssuer, type NewKey } from './api-key.issuer.js';
import { ApiKeyRepository, type Reach } from './api-key.repository.js';
import { ApiKeyProblems } from './api-keys.problems.js';
import { assertBoundAsMuch, inheritedBounds } from './key-bounds.js';
import { KeyGrants } from './key-grants.js';
import { ManagedKeys } from './managed-keys.js';

/** Replaces a key by one with a new secret; both work until the grace is over. */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly managed: ManagedKeys,
    private readonly keys: ApiKeyRepository,
    private readonly issuer: ApiKeyIssuer,
    private readonly grants: KeyGrants,
  ) {}

  /**
   * A key is rotated once: of any number of rotations at the same time one succeeds.
   * @throws Problem api_key.already_rotated, api_key.not_usable, permission.escalation
   */
  async rotate(principal: Principal, reach: Reach, id: string, graceSeconds: number): Promise<NewKey> {
    await this.assertNotRotated(await this.keys.get(principal, reach, id)); // told without waiting for the key's lock
    const { result } = await this.managed.change(principal, reach, id, 'api_key.rotated', async (key, now) => {
      await this.assertNotRotated(key);
      assertUsable(key, now);
      await this.grants.assertMayHandOut(principal, key.ownerId, key.grants);
      assertBoundAsMuch(inheritedBounds(principal, key.ownerId), key);
      const successor = await this.issuer.succeed(principal, key, now);
      key.revoke(new Date(now.getTime() + graceSeconds * 1000), `rotated, replaced by ${successor.key.id}`);
      return successor;
    });
    return result;
  }

  private async assertNotRotated({ id }: ApiKey): Promise<void> {
    if (await this.keys.hasSuccessor(id)) throw new Problem(ApiKeyProblems.alreadyRotated);
  }
}

function assertUsable(key: ApiKey, now: Date): void {
  const status = key.statusAt(now);
  if (status !== 'active') throw new Problem(ApiKeyProblems.notUsable, { detail: `The key is ${status}.` });
}
