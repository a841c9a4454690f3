import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Database } from '#libs/database';
import { invalid, type Problem } from '#libs/http';
import { SecretKeys } from '#libs/secrets';
import { KeyLocators } from './key-locators.js';

const PURPOSE = 'imports';
const LOCATOR_KEY = 'locator key';
const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Each of them costs every look-up of an unknown key two HMACs. */
const MAX_HMAC_SECRETS = 8;

interface SealedSecret {
  readonly name: string;
  readonly sealed: Buffer;
  readonly key_version: string;
}

/** The secrets that finding imported keys needs, sealed under SECRET_KEY: the key of the locators, and those of HMACs. */
@Injectable()
export class ImportSecrets implements OnApplicationBootstrap {
  private readonly logger = new Logger('ImportSecrets');

  constructor(
    private readonly database: Database,
    private readonly keys: SecretKeys,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.reseal();
    } catch (err) {
      this.logger.error({ msg: 'Imported keys cannot be found', err });
    }
  }

  /** Undefined while nothing has been imported. @throws Error when they were sealed under another SECRET_KEY */
  async locators(): Promise<KeyLocators | undefined> {
    const secrets = new Map((await this.stored()).map((row) => [row.name, this.open(row)]));
    const locatorKey = secrets.get(LOCATOR_KEY);
    if (locatorKey === undefined) return undefined;
    secrets.delete(LOCATOR_KEY);
    return new KeyLocators(locatorKey, [...secrets.values()]);
  }

  /** The same for whoever imports: what is missing is made, in the transaction of the import. */
  async begin(): Promise<KeyLocators> {
    await this.store(LOCATOR_KEY, randomBytes(32));
    const locators = await this.locators();
    if (locators === undefined) throw new Error('The key of the locators was not stored.');
    return locators;
  }

  /**
   * Takes the secret of an HMAC in, in the transaction of the import. Each costs all tenants something, so a new one is
   * brought only by whoever reaches over all of them.
   * @throws Problem request.invalid when there is no room, or the principal may not
   */
  async admit(principal: Principal, locators: KeyLocators, secret: Buffer): Promise<void> {
    const name = `hmac ${locators.fingerprint(secret)}`;
    const others = (await this.stored()).filter((row) => row.name !== LOCATOR_KEY);
    if (others.some((row) => row.name === name)) return;
    const known = 'must be one of those that keys were imported with';
    if (principal.scope !== null)
      throw refusedSecret(`${known}: a new one is for administrators of the whole installation`);
    if (others.length >= MAX_HMAC_SECRETS)
      throw refusedSecret(`${known}: there are ${MAX_HMAC_SECRETS}, the most allowed`);
    await this.store(name, secret);
  }

  /** What is sealed under the previous SECRET_KEY is sealed under the current one, so that the previous one can go. */
  private async reseal(): Promise<void> {
    const { version } = this.keys.current(PURPOSE);
    for (const row of await this.stored()) {
      if (row.key_version === version) continue;
      await this.database.query(
        'update import_secrets set sealed = $2, key_version = $3 where name = $1 and key_version = $4',
        [row.name, this.seal(row.name, this.open(row)), version, row.key_version],
      );
    }
  }

  private stored(): Promise<SealedSecret[]> {
    return this.database.query<SealedSecret>('select name, sealed, key_version from import_secrets');
  }

  private async store(name: string, secret: Buffer): Promise<void> {
    await this.database.query(
      'insert into import_secrets (name, sealed, key_version) values ($1, $2, $3) on conflict do nothing',
      [name, this.seal(name, secret), this.keys.current(PURPOSE).version],
    );
  }

  private seal(name: string, secret: Buffer): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keys.current(PURPOSE).key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(name));
    const text = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), text]);
  }

  private open({ name, sealed, key_version: version }: SealedSecret): Buffer {
    const key = this.keys.accepted(PURPOSE).find((accepted) => accepted.version === version)?.key;
    if (key === undefined) {
      throw new Error(
        'The secrets of imported keys are sealed under another SECRET_KEY; set SECRET_KEY_PREVIOUS to the one that was in use before',
      );
    }
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  }
}

function refusedSecret(detail: string): Problem {
  return invalid([{ pointer: '/secret', detail }]);
}
