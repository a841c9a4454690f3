import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { DatabaseConfig, dataSourceOptions, EmbeddedPostgres, loadMigrations } from '#libs/database';

const config = new DatabaseConfig();
const url =
  config.ownerUrl ?? config.url ?? (await new EmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres') }).start());
const thisFile = fileURLToPath(import.meta.url);

/** The data source of the TypeORM command line, on the same database as the application: `npm run typeorm -- migration:show`. */
export const dataSource = new DataSource({
  ...dataSourceOptions(url, 2),
  entities: [join(thisFile, '..', 'libs', '*', 'src', `*.entity.${thisFile.slice(-2)}`)],
  migrations: await loadMigrations(),
});
