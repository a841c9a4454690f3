import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CreationRecords } from '#libs/http';
import { SecretsModule } from '#libs/secrets';
import { CreationRecordsStore } from './creation-records.store.js';
import { DatabaseErrorTranslator } from './database-error.translator.js';
import { Database } from './database.js';
import { DatabaseConfig } from './database.config.js';
import { DatabaseMetrics } from './database.metrics.js';
import { dataSourceOptions } from './data-source-options.js';
import { Notifications } from './notifications.js';
import { PreparedSql } from './prepared-sql.js';

/** Injection token: the URL of the PostgreSQL in use, the embedded one's included. */
export const DATABASE_URL = Symbol('DATABASE_URL');

/** Database access for the features that import it; `forRoot` is imported once, by the application. */
@Module({})
export class DatabaseModule {
  static forRoot(url: string): DynamicModule {
    return {
      module: DatabaseModule,
      global: true, // there is one database, and every feature is built on it
      imports: [
        SecretsModule,
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...dataSourceOptions(url, new DatabaseConfig().poolSize),
            autoLoadEntities: true,
            retryAttempts: 0,
          }),
        }),
      ],
      providers: [
        DatabaseConfig,
        Database,
        DatabaseErrorTranslator,
        DatabaseMetrics,
        { provide: CreationRecords, useClass: CreationRecordsStore },
        { provide: DATABASE_URL, useValue: url },
        { provide: PreparedSql, useFactory: () => new PreparedSql(url) },
        { provide: Notifications, useFactory: () => new Notifications(url) },
      ],
      exports: [CreationRecords, Database, PreparedSql, Notifications, DATABASE_URL, TypeOrmModule],
    };
  }
}
