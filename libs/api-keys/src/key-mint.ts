import { Injectable } from '@nestjs/common';
import { invalid } from '#libs/http';
import { ApiKeysConfig } from './api-keys.config.js';
import { KeyFormat } from './key-format.js';
import { SecretHasher } from './secret-hasher.js';

/** A key fresh from the mint: the whole of it for its holder, and what may be kept. */
export interface MintedKey {
  readonly wholeKey: string;
  readonly start: string;
  readonly secretHash: Buffer;
  readonly pepperVersion: string;
}

/** Makes keys; the only place that ever holds one whole. */
@Injectable()
export class KeyMint {
  private readonly format: KeyFormat;

  constructor(
    private readonly config: ApiKeysConfig,
    private readonly hasher: SecretHasher,
  ) {
    this.format = new KeyFormat(config.prefix);
  }

  /** The environment asked for, or the default one. @throws Problem request.invalid when there is no such environment */
  environment(asked: string | undefined): string {
    const { environments, environment } = this.config;
    const chosen = asked ?? environment ?? environments[0] ?? '';
    if (environments.includes(chosen)) return chosen;
    throw invalid([{ pointer: '/environment', detail: `must be one of ${environments.join(', ')}` }]);
  }

  mint(environment: string, id: string): MintedKey {
    const secret = this.format.newSecret();
    const { hash, pepperVersion } = this.hasher.hash(secret);
    return {
      wholeKey: this.format.compose(environment, id, secret),
      start: this.format.start(environment, id),
      secretHash: hash,
      pepperVersion,
    };
  }
}
