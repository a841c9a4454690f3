export { AdministratorCreator, type CreatedAdministrator } from './administrator.creator.js';
export { ApiKeyIssuer, type KeyOwner, type NewKey } from './api-key.issuer.js';
export { ApiKeyRepository, type Reach } from './api-key.repository.js';
export { ApiKeysConfig } from './api-keys.config.js';
export {
  ApiKeyListQuery,
  IssueApiKeyRequest,
  IssuedApiKey,
  RevokeApiKeyQuery,
  RotateApiKeyRequest,
} from './api-keys.dto.js';
export { ApiKeyPermissions } from './api-keys.permissions.js';
export { ApiKeyProblems } from './api-keys.problems.js';
export { ApiKeysModule } from './api-keys.module.js';
export { ApiKeysService } from './api-keys.service.js';
export { KeyRotation } from './key-rotation.js';
