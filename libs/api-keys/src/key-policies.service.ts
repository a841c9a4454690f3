import { Injectable } from '@nestjs/common';
import { PermissionCatalogue, type Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Database } from '#libs/database';
import { invalid, Problem, RequestProblems } from '#libs/http';
import { OrganizationRepository } from '#libs/organizations';
import { ApiKeysConfig } from './api-keys.config.js';
import type { SetKeyPolicyRequest } from './key-policies.dto.js';
import { ALL_ENVIRONMENTS, KeyPolicy } from './key-policy.entity.js';
import { KeyPolicyRepository } from './key-policy.repository.js';

/** Sets what the keys of an organization must keep to from now on; keys that exist are not touched. */
@Injectable()
export class KeyPoliciesService {
  constructor(
    private readonly database: Database,
    private readonly organizations: OrganizationRepository,
    private readonly policies: KeyPolicyRepository,
    private readonly catalogue: PermissionCatalogue,
    private readonly config: ApiKeysConfig,
    private readonly audit: AuditLog,
  ) {}

  async list(principal: Principal, organizationId: string): Promise<KeyPolicy[]> {
    await this.organizations.get(principal, organizationId);
    return this.policies.ofOrganization(organizationId);
  }

  /** @throws Problem request.not_found */
  async get(principal: Principal, organizationId: string, environment: string): Promise<KeyPolicy> {
    await this.organizations.get(principal, organizationId);
    return found(await this.policies.find(organizationId, environment));
  }

  /** @throws Problem request.not_found, request.invalid, permission.unknown */
  async set(
    principal: Principal,
    organizationId: string,
    environment: string,
    request: SetKeyPolicyRequest,
  ): Promise<KeyPolicy> {
    return this.database.transaction(async () => {
      // with the organization locked no key of it is issued or changed meanwhile
      await this.organizations.getForUpdate(principal, organizationId);
      this.assertSensible(environment, request);
      const now = await this.database.time();
      const former = await this.policies.find(organizationId, environment);
      principal.assertSeen(former);
      const policy = Object.assign(new KeyPolicy(), {
        organizationId,
        environment,
        ...rulesOf(request),
        version: (former?.version ?? 0) + 1,
        createdAt: former?.createdAt ?? now,
        updatedAt: now,
      });
      await this.policies.save(policy);
      const states = former === null ? { after: facts(policy) } : changes(facts(former), facts(policy));
      await this.record(principal, 'key_policy.set', policy, states);
      return policy;
    });
  }

  /** @throws Problem request.not_found */
  async remove(principal: Principal, organizationId: string, environment: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.organizations.getForUpdate(principal, organizationId);
      const policy = found(await this.policies.find(organizationId, environment));
      principal.assertSeen(policy);
      await this.policies.delete(policy);
      await this.record(principal, 'key_policy.removed', policy, { before: facts(policy) });
    });
  }

  private assertSensible(environment: string, request: SetKeyPolicyRequest): void {
    const environments = [ALL_ENVIRONMENTS, ...this.config.environments];
    if (!environments.includes(environment))
      throw invalid([{ pointer: '/environment', detail: `must be one of ${environments.join(', ')}` }]);
    const { defaultLifetimeDays: byDefault, maximumLifetimeDays: most, forbiddenPermissions = [] } = request;
    if (byDefault != null && most != null && byDefault > most)
      throw invalid([{ pointer: '/defaultLifetimeDays', detail: `must be at most maximumLifetimeDays, ${most}` }]);
    this.catalogue.assertGrants(forbiddenPermissions);
  }

  private record(
    principal: Principal,
    action: string,
    { organizationId, environment }: KeyPolicy,
    states: { before?: object; after?: object },
  ): Promise<void> {
    const target = { type: 'key_policy', id: `${organizationId}/${environment}` };
    return this.audit.record({ actor: principal, action, target, organizationId, ...states });
  }
}

function rulesOf(request: SetKeyPolicyRequest): ReturnType<typeof facts> {
  return {
    defaultLifetimeDays: request.defaultLifetimeDays ?? null,
    maximumLifetimeDays: request.maximumLifetimeDays ?? null,
    allowListRequired: request.allowListRequired ?? false,
    forbiddenPermissions: [...new Set(request.forbiddenPermissions)],
    maximumKeysPerOwner: request.maximumKeysPerOwner ?? null,
    maximumKeys: request.maximumKeys ?? null,
  };
}

function facts(
  policy: KeyPolicy,
): Omit<KeyPolicy, 'organizationId' | 'environment' | 'version' | 'createdAt' | 'updatedAt'> {
  const { organizationId, environment, version, createdAt, updatedAt, ...rules } = policy;
  return rules;
}

function found(policy: KeyPolicy | null): KeyPolicy {
  if (policy === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such policy.' });
  return policy;
}
