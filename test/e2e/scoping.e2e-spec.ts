import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database } from '#libs/database';
import { Order } from '../../libs/orders/src/order.entity.js';
import { Organization } from '../../libs/organizations/src/organization.entity.js';
import { Role } from '../../libs/permissions/src/role.entity.js';
import { organization } from '../support/tenants.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

const mugs = { currency: 'EUR', items: [{ sku: 'MUG', quantity: 1, unitPriceCents: 850 }] };

describe('rows within a scope', () => {
  let app: TestApp;
  let database: Database;
  let [ours, theirs]: [string, string] = ['', ''];
  let [ourOrder, theirOrder]: [string, string] = ['', ''];
  const placeFor = async (organizationId: string): Promise<string> => {
    const buyer: TestUser = await app.user({ organizationId });
    return (await app.post('/orders', mugs, { key: buyer.key })).body.id;
  };

  beforeAll(async () => {
    app = await startTestApp();
    database = app.app.get(Database);
    [ours, theirs] = [await organization(app, 'ours'), await organization(app, 'theirs')];
    [ourOrder, theirOrder] = [await placeFor(ours), await placeFor(theirs)];
  });
  afterAll(() => app.close());

  const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id).toSorted();

  it('are those of its organization, and without one those of all', async () => {
    expect(idsOf(await database.within(ours, Order, 'order').getMany())).toEqual([ourOrder]);
    expect(idsOf(await database.within(null, Order, 'order').getMany())).toEqual([ourOrder, theirOrder].toSorted());
    expect(idsOf(await database.within(ours, Organization, 'organization').getMany())).toEqual([ours]);
  });

  it('are no more than that under any further condition', async () => {
    const all = database.within(ours, Order, 'order').andWhere('false or true');
    await expect(all.getMany()).resolves.toHaveLength(1);
    expect(() => database.within(ours, Order, 'order').andWhere('true', { keyward_scope: theirs })).toThrow(
      'keyward_scope',
    );
  });

  it('are with those of the installation only where it is said', async () => {
    const names = async (orOfNone: boolean): Promise<string[]> =>
      (await database.within(ours, Role, 'role', { orOfNone }).getMany()).map(({ name }) => name);
    expect(await names(false)).toEqual([]);
    expect(await names(true)).toEqual(expect.arrayContaining(['admin', 'user']));
  });

  it('are locked without waiting for those of another', async () => {
    const holder = new pg.Client(app.databaseUrl);
    await holder.connect();
    await holder.query('begin');
    await holder.query('select from orders where id = $1 for update', [theirOrder]);
    const locked = database.transaction(() =>
      database
        .within(ours, Order, 'order')
        .andWhere('order.id = :id', { id: theirOrder })
        .setLock('pessimistic_write')
        .getOne(),
    );
    await expect(locked).resolves.toBeNull();
    await holder.end();
  });

  it('never move to another organization, whoever saves them', async () => {
    const refusal = 'A row of orders was about to be moved to another organization.';
    const order = await database.within(null, Order, 'order').andWhere('order.id = :id', { id: ourOrder }).getOne();
    const moved = Object.assign(new Order(), order, { organizationId: theirs });
    await expect(database.store(Order).save(moved)).rejects.toThrow(refusal);
    const usurped = Object.assign(new Order(), order, { id: theirOrder, note: 'mine now' });
    await expect(database.store(Order).save(usurped)).rejects.toThrow(refusal);
    const rows = await app.sql('select id, organization_id, note from orders where note is not null', []);
    expect(rows).toEqual([]);
  });

  it('are deleted one by one', async () => {
    const [first] = [await placeFor(ours), await placeFor(ours)];
    const order = await database.within(ours, Order, 'order').andWhere('order.id = :id', { id: first }).getOne();
    await database.store(Order).delete(order!);
    expect(await database.within(ours, Order, 'order').getMany()).toHaveLength(2);
    const never = Object.assign(new Order(), order, { id: randomUUID() });
    await database.store(Order).delete(never);
    expect(await database.within(null, Order, 'order').getMany()).toHaveLength(3);
  });
});
