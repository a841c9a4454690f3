import { Injectable } from '@nestjs/common';
import { Database, type ScopedSelect } from '#libs/database';
import { ALL_ENVIRONMENTS, KeyPolicy } from './key-policy.entity.js';

/** The policies of organizations. Whether the caller may see the organization is for the caller to find out. */
@Injectable()
export class KeyPolicyRepository {
  constructor(private readonly database: Database) {}

  /** By environment; that for all of them first. */
  ofOrganization(organizationId: string): Promise<KeyPolicy[]> {
    return this.of(organizationId).addOrderBy('policy.environment', 'ASC').getMany();
  }

  find(organizationId: string, environment: string): Promise<KeyPolicy | null> {
    return this.of(organizationId).andWhere('policy.environment = :environment', { environment }).getOne();
  }

  /** What holds for a key of this environment: its own policy before that for all. */
  async holdingFor(organizationId: string, environment: string): Promise<KeyPolicy[]> {
    const environments = [environment, ALL_ENVIRONMENTS];
    const holding = this.of(organizationId).andWhere('policy.environment = any (:environments)', { environments });
    const policies = await holding.getMany();
    return policies.toSorted(
      (a, b) => Number(a.environment === ALL_ENVIRONMENTS) - Number(b.environment === ALL_ENVIRONMENTS),
    );
  }

  async save(policy: KeyPolicy): Promise<void> {
    await this.database.store(KeyPolicy).save(policy);
  }

  async delete(policy: KeyPolicy): Promise<void> {
    await this.database.store(KeyPolicy).delete(policy);
  }

  private of(organizationId: string): ScopedSelect<KeyPolicy> {
    return this.database.within(organizationId, KeyPolicy, 'policy');
  }
}
