import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '#libs/database';
import { ALL_ENVIRONMENTS, KeyPolicy } from './key-policy.entity.js';

/** The policies of organizations. Whether the caller may see the organization is for the caller to find out. */
@Injectable()
export class KeyPolicyRepository {
  constructor(private readonly database: Database) {}

  /** By environment; that for all of them first. */
  ofOrganization(organizationId: string): Promise<KeyPolicy[]> {
    return this.database.repository(KeyPolicy).find({ where: { organizationId }, order: { environment: 'ASC' } });
  }

  find(organizationId: string, environment: string): Promise<KeyPolicy | null> {
    return this.database.repository(KeyPolicy).findOneBy({ organizationId, environment });
  }

  /** What holds for a key of this environment: its own policy before that for all. */
  async holdingFor(organizationId: string, environment: string): Promise<KeyPolicy[]> {
    const environments = In([environment, ALL_ENVIRONMENTS]);
    const policies = await this.database.repository(KeyPolicy).findBy({ organizationId, environment: environments });
    return policies.toSorted(
      (a, b) => Number(a.environment === ALL_ENVIRONMENTS) - Number(b.environment === ALL_ENVIRONMENTS),
    );
  }

  async save(policy: KeyPolicy): Promise<void> {
    await this.database.repository(KeyPolicy).save(policy, { reload: false });
  }

  async delete({ organizationId, environment }: KeyPolicy): Promise<void> {
    await this.database.repository(KeyPolicy).delete({ organizationId, environment });
  }
}
