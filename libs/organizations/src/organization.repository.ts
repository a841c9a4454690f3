import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Organization } from './organization.entity.js';

@Injectable()
export class OrganizationRepository {
  constructor(private readonly database: Database) {}

  exists(id: string): Promise<boolean> {
    return this.database.repository(Organization).existsBy({ id });
  }
}
