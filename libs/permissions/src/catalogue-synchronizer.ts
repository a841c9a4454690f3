import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PermissionCatalogue } from '#libs/access';
import { Database } from '#libs/database';

/** Keeps the table `permissions` in step with what the code declares, once at every start. */
@Injectable()
export class CatalogueSynchronizer implements OnApplicationBootstrap {
  constructor(
    private readonly catalogue: PermissionCatalogue,
    private readonly database: Database,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const declared = this.catalogue.all();
    const column = (of: (permission: (typeof declared)[number]) => string): string[] => declared.map(of);
    await this.database.transaction(async () => {
      await this.database.serialize('permission catalogue');
      await this.database.query(
        `insert into permissions (name, category, description)
         select * from unnest($1::text[], $2::text[], $3::text[])
         on conflict (name) do update
         set category = excluded.category, description = excluded.description, retired_at = null
         where (permissions.category, permissions.description) is distinct from (excluded.category, excluded.description)
            or permissions.retired_at is not null`,
        [column(({ name }) => name), column(({ category }) => category), column(({ description }) => description)],
      );
      await this.database.query(
        'update permissions set retired_at = now() where retired_at is null and name <> all ($1::text[])',
        [column(({ name }) => name)],
      );
    });
  }
}
