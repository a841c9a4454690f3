import { Module } from '@nestjs/common';
import { SecretKeys } from './secret-keys.js';
import { SecretsConfig } from './secrets.config.js';

@Module({ providers: [SecretsConfig, SecretKeys], exports: [SecretKeys] })
export class SecretsModule {}
