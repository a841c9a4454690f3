import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { PermissionsModule } from '#libs/permissions';
import { SecretsModule } from '#libs/secrets';
import { SecurityModule } from '#libs/security';
import { UsersModule } from '#libs/users';
import { AdminApiKeysController } from './admin-api-keys.controller.js';
import { AdministratorCreator } from './administrator.creator.js';
import { ApiKeyAuthenticator } from './api-key.authenticator.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyIssuer } from './api-key.issuer.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyVerifier } from './api-key.verifier.js';
import { ApiKeysConfig } from './api-keys.config.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeyPermissions } from './api-keys.permissions.js';
import { ApiKeysService } from './api-keys.service.js';
import { CurrentApiKeyController } from './current-api-key.controller.js';
import { GrantExplanationController } from './grant-explanation.controller.js';
import { GrantExplanation } from './grant-explanation.service.js';
import { KeyGrantHolder } from './key-grant.holder.js';
import { KeyGrants } from './key-grants.js';
import { KeyMint } from './key-mint.js';
import { KeyRotation } from './key-rotation.js';
import { LastUsedTracker } from './last-used-tracker.js';
import { LegacyKeys } from './legacy-keys.js';
import { ManagedKeys } from './managed-keys.js';
import { OwnerRemoval } from './owner-removal.js';
import { SecretHasher } from './secret-hasher.js';
import { SecretRehasher } from './secret-rehasher.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';
import { VerifiedKeysCache } from './verified-keys.cache.js';

@Feature('API keys', 'One’s own keys, everybody’s keys for administrators, and the verification of keys for services.')
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(ApiKeyPermissions),
    AuditModule,
    ClockModule,
    HttpModule,
    PermissionsModule,
    SecretsModule,
    SecurityModule,
    TypeOrmModule.forFeature([ApiKey]),
    UsersModule,
  ],
  controllers: [
    CurrentApiKeyController,
    VerificationController,
    ApiKeysController,
    AdminApiKeysController,
    GrantExplanationController,
  ],
  providers: [
    AdministratorCreator,
    ApiKeyAuthenticator,
    ApiKeyIssuer,
    ApiKeyRepository,
    ApiKeysConfig,
    ApiKeysService,
    ApiKeyVerifier,
    GrantExplanation,
    KeyGrantHolder,
    KeyGrants,
    KeyMint,
    KeyRotation,
    LastUsedTracker,
    LegacyKeys,
    ManagedKeys,
    OwnerRemoval,
    SecretHasher,
    SecretRehasher,
    VerificationService,
    VerifiedKeysCache,
  ],
  exports: [AdministratorCreator, ApiKeyIssuer, ApiKeyRepository, ApiKeysService, KeyRotation],
})
export class ApiKeysModule {}
