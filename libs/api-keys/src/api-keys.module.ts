import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { OrganizationsModule } from '#libs/organizations';
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
import { BatchFactsReader } from './imported/batch-facts.reader.js';
import { ImportKeysController } from './imported/import-keys.controller.js';
import { ImportSecrets } from './imported/import-secrets.js';
import { ImportedBatch } from './imported/imported-batch.js';
import { ImportedKeyComposer } from './imported/imported-key.composer.js';
import { ImportedKeyFinder } from './imported/imported-key.finder.js';
import { ImportedKeyRepository } from './imported/imported-key.repository.js';
import { ImportedKeys } from './imported/imported-keys.js';
import { KeyImporter } from './imported/key-importer.js';
import { SlowGuesses } from './imported/slow-guesses.js';
import { SlowHashQueue } from './imported/slow-hash.queue.js';
import { KeyGrantHolder } from './key-grant.holder.js';
import { KeyGrants } from './key-grants.js';
import { KeyMint } from './key-mint.js';
import { KeyPoliciesController } from './key-policies.controller.js';
import { KeyPolicyPermissions } from './key-policies.permissions.js';
import { KeyPoliciesService } from './key-policies.service.js';
import { KeyPolicyEnforcement } from './key-policy.enforcement.js';
import { KeyPolicy } from './key-policy.entity.js';
import { KeyPolicyRepository } from './key-policy.repository.js';
import { KeyRotation } from './key-rotation.js';
import { LastUsedTracker } from './last-used-tracker.js';
import { LegacyKeys } from './legacy-keys.js';
import { ManagedKeys } from './managed-keys.js';
import { OwnerRemoval } from './owner-removal.js';
import { PersonalKeys } from './personal-keys.js';
import { SecretHasher } from './secret-hasher.js';
import { SecretRehasher } from './secret-rehasher.js';
import { VerificationController } from './verification.controller.js';
import { VerificationService } from './verification.service.js';
import { VerifiedKeysCache } from './verified-keys.cache.js';

@Feature(
  'API keys',
  'One’s own keys, everybody’s keys for administrators, the verification of keys for services, and the policies that the keys of an organization keep to.',
)
@Module({
  imports: [
    AccessModule,
    AccessModule.forFeature(ApiKeyPermissions, KeyPolicyPermissions),
    AuditModule,
    ClockModule,
    HttpModule,
    OrganizationsModule,
    PermissionsModule,
    SecretsModule,
    SecurityModule,
    TypeOrmModule.forFeature([ApiKey, KeyPolicy]),
    UsersModule,
  ],
  controllers: [
    CurrentApiKeyController,
    VerificationController,
    ImportKeysController,
    ApiKeysController,
    AdminApiKeysController,
    GrantExplanationController,
    KeyPoliciesController,
  ],
  providers: [
    AdministratorCreator,
    ApiKeyAuthenticator,
    ApiKeyIssuer,
    ApiKeyRepository,
    ApiKeysConfig,
    ApiKeysService,
    ApiKeyVerifier,
    BatchFactsReader,
    GrantExplanation,
    ImportedBatch,
    ImportedKeyComposer,
    ImportedKeyFinder,
    ImportedKeyRepository,
    ImportedKeys,
    ImportSecrets,
    KeyGrantHolder,
    KeyGrants,
    KeyImporter,
    KeyMint,
    KeyPoliciesService,
    KeyPolicyEnforcement,
    KeyPolicyRepository,
    KeyRotation,
    LastUsedTracker,
    LegacyKeys,
    ManagedKeys,
    OwnerRemoval,
    PersonalKeys,
    SecretHasher,
    SecretRehasher,
    SlowGuesses,
    SlowHashQueue,
    VerificationService,
    VerifiedKeysCache,
  ],
  exports: [AdministratorCreator, ApiKeyIssuer, ApiKeyRepository, ApiKeysService, KeyImporter, KeyRotation],
})
export class ApiKeysModule {}
