import 'reflect-metadata';
import { getMetadataArgsStorage } from 'typeorm';
import type { Database } from '#libs/database';
import { AppModule } from '../../apps/api/src/app.module.js';
import { Order } from '../../libs/orders/src/order.entity.js';
import { sourceFiles, textOf } from '../support/source-files.js';
import { callsOf, type SourceStatement, sqlIn } from '../support/source-statements.js';

const files = sourceFiles('libs', 'apps').filter((file) => !file.endsWith('.spec.ts'));
const namesOf = (statements: readonly SourceStatement[]): string[] =>
  [...new Set(statements.map(({ where }) => where))].toSorted();

/** Who passes by the scope, and why that shows nobody what is another organization's. */
const regardless: Record<string, string> = {
  'libs/api-keys/src/api-key.repository.ts#anonymizeOf': 'a user whose erasure has found them within its scope',
  'libs/api-keys/src/api-key.repository.ts#hasSuccessor': 'a key that was read within a scope; tells only yes or no',
  'libs/api-keys/src/api-key.repository.ts#idsOf': 'a user whose export or erasure has found them within its scope',
  'libs/api-keys/src/api-key.repository.ts#pageOf': 'a user whose export has found them within its scope',
  'libs/api-keys/src/api-key.repository.ts#unrevokedOf': 'a user whose removal has found them within its scope',
  'libs/audit/src/audit-event.repository.ts#concerning':
    'a person may know everything about themselves, the acts of operators among it, who are known by their id alone',
  'libs/orders/src/order.repository.ts#eraseTextsOf': 'a user whose erasure has found them within its scope',
  'libs/orders/src/order.repository.ts#openOf': 'a user whose removal has found them within its scope',
  'libs/orders/src/order.repository.ts#pageOf': 'a user whose export has found them within its scope',
  'libs/permissions/src/role.repository.ts#ofUsers':
    'users who were read within a scope have roles offered to them alone',
  'libs/users/src/user.repository.ts#assertPresent':
    'an owner who was read within a scope; tells only that they are there',
};

/** SQL over rows that belong to organizations which names none. */
const unscopedSql: Record<string, string> = {
  'apps/cli/src/audit/access-evidence.ts#archivedUpTo': 'a command of whoever runs the installation',
  'apps/cli/src/audit/access-evidence.ts#former': 'a command of whoever runs the installation',
  'apps/cli/src/audit/access-evidence.ts#keyEventsOf': 'a command of whoever runs the installation',
  'apps/cli/src/audit/access-evidence.ts#unusedOf': 'a command of whoever runs the installation',
  'libs/analytics/src/personal-usage.read-model.ts#hours':
    'a user whose export or erasure has found them within its scope',
  'libs/analytics/src/personal-usage.read-model.ts#newest': 'a user whose export has found them within its scope',
  'libs/analytics/src/personal-usage.read-model.ts#stripHour': 'a user whose erasure has found them within its scope',
  'libs/analytics/src/personal-usage.read-model.ts#stripWithoutKey':
    'a user whose erasure has found them within its scope',
  'libs/analytics/src/usage-aggregates.read-model.ts#noneSince': 'asks for a time alone, of the calls of all',
  'libs/analytics/src/usage-batch.ts#copyCalls': 'writes records with the organization that each call had',
  'libs/analytics/src/usage-batch.ts#copyGroups': 'writes sums with the organization that their calls had',
  'libs/analytics/src/usage-facts.query.ts#factsOf': 'is made of parts that are narrowed by a filter, which names it',
  'libs/analytics/src/usage-rows.read-model.ts#exist':
    'asks whether there are calls before a time at all; reads no column',
  'libs/api-keys/src/administrator.creator.ts#createFirst': 'asks whether there is any user at all, at the first start',
  'libs/api-keys/src/imported/imported-key.repository.ts#ownersOf':
    'whose hashes are taken; the importer is told of their own alone',
  'libs/api-keys/src/imported/imported-key.repository.ts#rehash': 'a key that has been presented, by its own id',
  'libs/api-keys/src/last-used-tracker.ts#flush': 'keys that have been presented, by their own id',
  'libs/api-keys/src/legacy-keys.ts#ask': 'asks whether the installation holds any legacy key',
  'libs/api-keys/src/secret-rehasher.ts#onApplicationBootstrap': 'counts keys for the operator’s log, at the start',
  'libs/api-keys/src/secret-rehasher.ts#renew': 'a key that has been presented, by its own id',
  'libs/api-keys/src/verification.query.ts#keyVerification': 'finds out whose the presented key is',
  'libs/api-keys/src/verification.query.ts#legacyVerification': 'finds out whose the presented key is',
  'libs/audit/src/audit-verification.ts#placeAt': 'finds a place in the chain for operators of the whole installation',
  'libs/audit/src/chain/chain-adoption.ts#isToBeDone':
    'asks whether there is a row outside of the chain; reads no column',
  'libs/audit/src/chain/archive.ts#cutBefore': 'moves whole parts of the chain, which is the installation’s',
  'libs/audit/src/chain/archive.ts#removed': 'moves whole parts of the chain, which is the installation’s',
  'libs/audit/src/chain/checkpoint-writer.ts#placeAt': 'finds a place in the chain; reads its hash alone',
  'libs/audit/src/chain/stored-events.ts#stranger': 'looks for a row outside of the chain, to verify it',
  'libs/audit/src/chain/stored-events.ts#storedEvents': 'is narrowed by its conditions, or verifies the whole chain',
  'libs/audit/src/chain/stored-events.ts#unchainedEvents': 'takes in rows from before the chain, at the first start',
  'libs/permissions/src/administrators.ts#acting': 'counts administrators, who are the installation’s',
  'libs/permissions/src/administrators.ts#isAdministrator': 'a user who was read within a scope; tells only yes or no',
  'libs/permissions/src/administrators.ts#lockUser': 'a user who was read within a scope; reads no column',
  'libs/permissions/src/role.repository.ts#holdingsOf': 'a user who was read within a scope',
  'libs/permissions/src/role.repository.ts#isHeldBeyond': 'a role that was read within a scope; tells only yes or no',
  'libs/users/src/user.repository.ts#holdersOfLegacyKeys':
    'whose legacy hashes are taken; the command line imports for the installation',
  'libs/users/src/user.repository.ts#page': 'narrows a query that is bound to a scope',
};

/** Tables without an organization of their own. */
const unowned: Record<string, string> = {
  organizations: 'belong to themselves: `within` binds them by their id',
  permissions: 'the catalogue, which is the code’s',
  role_assignments: 'belong to their user and are read by the ids of users who were read within a scope',
};

describe('rows that belong to an organization', () => {
  it('cannot be had without naming a scope: the compiler refuses it', () => {
    const attempts = (database: Database): void => {
      // @ts-expect-error orders belong to organizations
      database.repository(Order);
      // @ts-expect-error a name would tell nothing about the rows
      database.regardlessOfOrganization('orders');
      // @ts-expect-error undefined is no scope: null must be said
      void database.within(undefined, Order, 'order');
      // @ts-expect-error nothing replaces the scope
      void database.within(null, Order, 'order').where('true');
      // @ts-expect-error nothing widens it
      void database.within(null, Order, 'order').orWhere('true');
    };
    expect(attempts).toBeDefined(); // `npm run typecheck` is what judges it
  });

  it('are had past the scope only where this list says why', () => {
    const uses = files.flatMap((file) => callsOf('regardlessOfOrganization', file));
    expect(namesOf(uses)).toEqual(Object.keys(regardless).toSorted());
  });

  it('are read by SQL that names the organization, or that is in this list', () => {
    const tables = ownedTables();
    expect(tables).toEqual(expect.arrayContaining(['api_keys', 'api_usage', 'orders', 'users']));
    const touching = new RegExp(`\\b(from|join|into|update|copy)\\s+(${tables.join('|')})\\b`, 'i');
    const readsNoColumn = /^\W?select from \w+ limit 1\W?$/; // as a probe does, which asks whether the table can be read
    const unscoped = files
      .flatMap(sqlIn)
      .filter(({ text }) => touching.test(text) && !text.includes('organization_id') && !readsNoColumn.test(text));
    expect(namesOf(unscoped)).toEqual(Object.keys(unscopedSql).toSorted());
  });

  it('are in entities that say so, and every other entity is in this list', () => {
    expect(AppModule).toBeDefined(); // its import has declared them all
    const { columns, tables } = getMetadataArgsStorage();
    const owned = new Set(
      columns.filter(({ propertyName }) => propertyName === 'organizationId').map(({ target }) => target),
    );
    const others = tables.filter(({ target }) => !owned.has(target)).map(({ name }) => name);
    expect(others.map(String).toSorted()).toEqual(Object.keys(unowned).toSorted());
  });

  it('are not moved by SQL to another organization', () => {
    const moving = /\bset\b[^;]*\borganization_id\s*=|organization_id\s*=\s*excluded/i;
    expect(namesOf(files.flatMap(sqlIn).filter(({ text }) => moving.test(text)))).toEqual([]);
  });

  it('are not had by way of TypeORM itself, but through Database', () => {
    const elsewhere = files.filter((file) => !file.startsWith('libs/database/'));
    const direct = /\b(InjectRepository|InjectDataSource|InjectEntityManager|EntityManager|DataSource|getRepository)\b/;
    expect(elsewhere.filter((file) => direct.test(textOf(file)))).toEqual([]);
  });
});

/** Tables with a column `organization_id`, as the migrations make them. */
function ownedTables(): string[] {
  return sourceFiles('migrations').flatMap((file) =>
    [...textOf(file).matchAll(/create table (\w+) \(([^;`]*)/g)].flatMap(([, table, columns]) =>
      table !== undefined && columns?.includes('organization_id') ? [table] : [],
    ),
  );
}
