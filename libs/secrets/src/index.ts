export { SecretKeys, type PurposeKey } from './secret-keys.js';
export { SecretsConfig } from './secrets.config.js';
export { SecretsModule } from './secrets.module.js';
