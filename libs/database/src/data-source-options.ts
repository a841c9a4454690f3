import type { DataSourceOptions } from 'typeorm';
import { connectionLimits, STARTING_CONNECTION_MS } from './connection-limits.js';
import { ImpatientClient } from './impatient-client.js';
import { OwnershipSubscriber } from './ownership.subscriber.js';

/** What every TypeORM data source of Keyward has in common; the schema is only ever changed by migrations. */
export function dataSourceOptions(url: string, poolSize: number): DataSourceOptions & { type: 'postgres' } {
  return {
    type: 'postgres',
    url,
    poolSize,
    applicationName: 'keyward',
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    subscribers: [OwnershipSubscriber],
    extra: { ...connectionLimits, connectionTimeoutMillis: STARTING_CONNECTION_MS, Client: ImpatientClient },
  };
}
