import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '#libs/database';
import { SecretHasher, type SecretHash } from './secret-hasher.js';

/** Moves keys to the current pepper: each when it is next used, for only then is its secret at hand. */
@Injectable()
export class SecretRehasher implements OnApplicationBootstrap {
  private readonly logger = new Logger('SecretRehasher');
  private readonly renewing = new Set<string>();

  constructor(
    private readonly hasher: SecretHasher,
    private readonly database: Database,
  ) {}

  /** Says at the start when there are keys that cannot work, because their pepper is not configured. */
  async onApplicationBootstrap(): Promise<void> {
    const [row] = await this.database.query<{ keys: number }>(
      'select count(*)::int as keys from api_keys where revoked_at is null and pepper_version <> all ($1::text[])',
      [this.hasher.versions],
    );
    if (row === undefined || row.keys === 0) return;
    this.logger.error({
      msg: 'Keys hashed under another SECRET_KEY cannot be verified; set SECRET_KEY_PREVIOUS to the secret that was in use before',
      keys: row.keys,
    });
  }

  /** Call it with a secret that has been proved; it does nothing when the hash is current. */
  renew(keyId: string, secret: string, stored: SecretHash): void {
    if (stored.pepperVersion === this.hasher.currentVersion || this.renewing.has(keyId)) return;
    this.renewing.add(keyId);
    const { hash, pepperVersion } = this.hasher.hash(secret);
    this.database
      .query('update api_keys set secret_hash = $2, pepper_version = $3 where id = $1 and pepper_version = $4', [
        keyId,
        hash,
        pepperVersion,
        stored.pepperVersion,
      ])
      .catch((err: unknown) =>
        this.logger.warn({ msg: 'Cannot move a key to the current pepper, trying again at its next use', keyId, err }),
      )
      .finally(() => this.renewing.delete(keyId));
  }
}
