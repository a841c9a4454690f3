import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';

interface UserTier {
  readonly id: string;
  readonly organizationId: string;
  readonly tier: string;
}

/** Which organization and subscription tier users belong to; read from the table of another library. */
@Injectable()
export class UserTiers {
  constructor(private readonly database: Database) {}

  async of(ids: readonly string[]): Promise<ReadonlyMap<string | null, UserTier>> {
    const rows = await this.database.query<UserTier>(
      `select id, organization_id as "organizationId", subscription_tier as tier from users where id = any ($1)`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }
}
