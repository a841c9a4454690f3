import { eventually } from '../support/eventually.js';
import { comparable, organization } from '../support/tenants.js';
import { type Answer, startTestApp, type TestApp, type TestUser } from '../support/test-app.js';

const ABSENT_ID = '01900000-0000-7000-8000-000000000000';
const mugs = { currency: 'EUR', items: [{ sku: 'MUG-BLUE', quantity: 3, unitPriceCents: 850 }] };

describe('orders', () => {
  let app: TestApp;
  let ada: TestUser;
  const place = (user: TestUser, more: object = {}): Promise<Answer> =>
    app.post('/orders', { ...mugs, ...more }, { key: user.key });

  beforeAll(async () => {
    app = await startTestApp();
    ada = await app.user();
  });
  afterAll(() => app.close());

  it('are placed by an ordinary user, with a Location and the computed total, and read', async () => {
    const placed = await place(ada, { reference: 'PO-1', note: 'Please wrap.' });
    expect(placed.status).toBe(201);
    expect(placed.headers.get('location')).toBe(`/api/v1/orders/${placed.body.id}`);
    expect(placed.headers.get('etag')).toBe('"1"');
    expect(placed.body).toMatchObject({
      ...mugs,
      reference: 'PO-1',
      note: 'Please wrap.',
      status: 'open',
      totalCents: 2550,
      ownerId: ada.id,
      cancelledAt: null,
    });
    expect((await app.get(`/orders/${placed.body.id}`, { key: ada.key })).body).toEqual(placed.body);
  });

  it.each([
    ['/currency', { currency: 'euro' }],
    ['/items', { items: [] }],
    ['/items', { items: [[]] }],
    ['/items', { items: [[mugs.items]] }],
    ['/items/0/quantity', { items: [{ sku: 'A', quantity: 0, unitPriceCents: 1 }] }],
    ['/items/0/unitPriceCents', { items: [{ sku: 'A', quantity: 1, unitPriceCents: 0.5 }] }],
    ['/items/0/colour', { items: [{ sku: 'A', quantity: 1, unitPriceCents: 1, colour: 'red' }] }],
    ['/totalCents', { totalCents: 1 }],
    ['/ownerId', { ownerId: ABSENT_ID }],
    ['/reference', { reference: 'two\nlines' }],
  ])('refuse a wrong %s', async (pointer, fields) => {
    const refused = await place(ada, fields);
    expect([
      refused.status,
      refused.body.code,
      refused.body.errors.map((fault: { pointer: string }) => fault.pointer),
    ]).toEqual([400, 'request.invalid', [pointer]]);
  });

  it('have references that are unique for their owner alone', async () => {
    const bob = await app.user();
    await place(ada, { reference: 'PO-2' });
    const second = await place(ada, { reference: 'PO-2' });
    expect([second.status, second.body.code]).toEqual([409, 'order.reference_taken']);
    const other = await place(bob, { reference: 'PO-2' });
    expect(other.status).toBe(201);
    expect((await app.get('/orders?reference=PO-2', { key: bob.key })).body.items).toEqual([other.body]);
    const third = (await place(ada)).body.id;
    const renamed = await app.patch(`/orders/${third}`, { reference: 'PO-2' }, { key: ada.key });
    expect([renamed.status, renamed.body.code]).toEqual([409, 'order.reference_taken']);
  });

  it('change while they are open, and not once they are cancelled', async () => {
    const { id } = (await place(ada)).body;
    const items = [{ sku: 'TEA', quantity: 1, unitPriceCents: 400 }];
    const changed = await app.patch(`/orders/${id}`, { items, note: 'No sugar.' }, { key: ada.key });
    expect(changed.body).toMatchObject({ items, totalCents: 400, note: 'No sugar.' });
    expect((await app.patch(`/orders/${id}`, { note: null }, { key: ada.key })).body.note).toBeNull();
    const cancelled = await app.post(`/orders/${id}/cancel`, { reason: 'Too late.' }, { key: ada.key });
    expect(cancelled.body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'Too late.',
      cancelledAt: expect.any(String),
    });
    for (const late of [
      await app.patch(`/orders/${id}`, { note: 'x' }, { key: ada.key }),
      await app.post(`/orders/${id}/cancel`, {}, { key: ada.key }),
    ]) {
      expect([late.status, late.body.code]).toEqual([409, 'order.not_open']);
    }
  });

  it('are cancelled exactly once by twenty calls at the same time', async () => {
    const { id } = (await place(ada)).body;
    const calls = Array.from({ length: 20 }, () => app.post(`/orders/${id}/cancel`, {}, { key: ada.key }));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(19);
  });

  it('honour If-Match: a change to a state that is not the present one is refused', async () => {
    const placed = await place(ada);
    const path = `/orders/${placed.body.id}`;
    const withTag = (tag: string): { key: string; headers: Record<string, string> } => ({
      key: ada.key,
      headers: { 'if-match': tag },
    });
    expect((await app.patch(path, { note: 'first' }, withTag('"1"'))).status).toBe(200);
    const stale = await app.patch(path, { note: 'second' }, withTag('"1"'));
    expect([stale.status, stale.body.code]).toEqual([412, 'request.precondition_failed']);
    expect((await app.delete(path, withTag('"1"'))).status).toBe(412);
    expect((await app.delete(path, withTag('"2"'))).status).toBe(204);
  });

  it('are placed once for one Idempotency-Key', async () => {
    const options = { key: ada.key, headers: { 'idempotency-key': 'order-of-ada' } };
    const answers = [await app.post('/orders', mugs, options), await app.post('/orders', mugs, options)];
    expect(answers.map(({ status, body }) => [status, body.id])).toEqual([
      [201, answers[0]?.body.id],
      [201, answers[0]?.body.id],
    ]);
  });

  it('are listed newest first, by status and in pages', async () => {
    const eve = await app.user();
    const ids: string[] = [];
    for (const reference of ['1', '2', '3']) ids.unshift((await place(eve, { reference })).body.id);
    await app.post(`/orders/${ids[1]}/cancel`, {}, { key: eve.key });
    const list = async (query: string): Promise<Answer['body']> =>
      (await app.get(`/orders${query}`, { key: eve.key })).body;
    const idsOf = ({ items }: Answer['body']): string[] => items.map(({ id }: { id: string }) => id);
    expect(idsOf(await list(''))).toEqual(ids);
    expect(idsOf(await list('?status=cancelled'))).toEqual([ids[1]]);
    expect(idsOf(await list('?status=open'))).toEqual([ids[0], ids[2]]);
    const first = await list('?limit=2');
    expect(idsOf(await list(`?limit=2&after=${first.next}`))).toEqual([ids[2]]);
  });

  it('of somebody else answer exactly as those that never were, to administrators too', async () => {
    const { id } = (await place(ada)).body;
    const foreign = await app.user({ organizationId: await organization(app, 'elsewhere') });
    for (const key of [foreign.key, (await app.user()).key, app.adminKey]) {
      for (const [method, suffix, body] of [
        ['GET', ''],
        ['PATCH', '', {}],
        ['DELETE', ''],
        ['POST', '/cancel', {}],
      ] as const) {
        const [theirs, nobodys] = [
          await app.call(method, `/orders/${id}${suffix}`, { key, body }),
          await app.call(method, `/orders/${ABSENT_ID}${suffix}`, { key, body }),
        ];
        expect(theirs.status).toBe(404);
        expect(comparable(theirs, id)).toEqual(comparable(nobodys, ABSENT_ID));
      }
      expect((await app.get('/orders', { key })).body.items).toEqual([]);
    }
  });

  it('need the permission of the call, which a key need not have been granted', async () => {
    const reader = await app.user({ permissions: ['orders:read'] });
    expect((await app.get('/orders', { key: reader.key })).status).toBe(200);
    const refused = await place(reader);
    expect([refused.status, refused.body.missing]).toEqual([403, ['orders:create']]);
  });

  it('record every change of theirs in the audit log, without the note', async () => {
    const { id } = (await place(ada, { note: 'call Grace at home' })).body;
    await app.patch(`/orders/${id}`, { reference: 'PO-9' }, { key: ada.key });
    await app.post(`/orders/${id}/cancel`, {}, { key: ada.key });
    await app.delete(`/orders/${id}`, { key: ada.key });
    const log = await app.get(`/admin/logs?target=${id}`);
    expect(log.body.items.map(({ action, actor }: any) => [action, actor.userId])).toEqual(
      ['order.deleted', 'order.cancelled', 'order.changed', 'order.created'].map((action) => [action, ada.id]),
    );
    expect(log.text).not.toContain('Grace');
  });

  it('that are open are cancelled with their owner', async () => {
    const leaver = await app.user();
    const { id } = (await place(leaver)).body;
    expect((await app.delete(`/admin/users/${leaver.id}`)).status).toBe(204);
    const [row] = await app.sql<{ cancellation_reason: string }>(
      'select cancellation_reason from orders where id = $1',
      [id],
    );
    expect(row).toEqual({ cancellation_reason: 'owner deleted' });
    expect((await app.get(`/admin/logs?target=${id}`)).body.items[0].action).toBe('order.cancelled');
  });

  it('are part of what is exported about a person, and keep none of their words when they are erased', async () => {
    const leaver = await app.user();
    const placed = await place(leaver, { note: 'ring at the back door', reference: 'for Grace' });
    const { sections } = (await app.get(`/admin/users/${leaver.id}/export`)).body;
    expect(sections.orders.items).toEqual([placed.body]);
    expect((await app.post(`/admin/users/${leaver.id}/erase`)).status).toBe(204);
    const [row] = await app.sql('select to_jsonb(o) as o from orders o where id = $1', [placed.body.id]);
    expect(row?.o).toMatchObject({ items: mugs.items, note: null, reference: null, cancellation_reason: null });
  });

  it('raise a security event when one key cancels many in a short time', async () => {
    const hasty = await app.user();
    const { id } = (await place(hasty)).body;
    for (let call = 0; call < 21; call++) await app.post(`/orders/${id}/cancel`, {}, { key: hasty.key });
    const [event] = await eventually(async () => {
      const { items } = (await app.get(`/admin/security/events?keyId=${hasty.keyId}`)).body;
      expect(items).toHaveLength(1);
      return items;
    }, 5000);
    expect(event).toMatchObject({ detector: 'order-cancellations', severity: 'medium', userId: hasty.id });
  });

  it('have a probe that tells how often they were called', async () => {
    const probe = await eventually(async () => {
      const { probes } = (await app.get('/admin/system/diagnostics')).body;
      const found = probes.find(({ name }: { name: string }) => name === 'orders');
      expect(found.detail.callsThisMinute + found.detail.callsLastMinute).toBeGreaterThan(10);
      return found;
    }, 5000);
    expect(probe).toMatchObject({ status: 'up', message: null });
  });
});
