import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { AuditLog, changes } from '#libs/audit';
import { Clock } from '#libs/clock';
import { Database } from '#libs/database';
import { Problem, RequestProblems, uuidV7 } from '#libs/http';
import { UserRepository } from '#libs/users';
import { Order } from './order.entity.js';
import { OrderRepository } from './order.repository.js';
import type { ChangeOrderRequest, CreateOrderRequest } from './orders.dto.js';

/** What users do with their orders: each change and its audit row are one transaction. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly users: UserRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem order.reference_taken, request.not_found when the owner is being removed */
  async create(principal: Principal, request: CreateOrderRequest): Promise<Order> {
    const now = this.clock.now();
    const { currency, items, reference = null, note = null } = request;
    const order = Object.assign(new Order(), {
      id: uuidV7(now.getTime()),
      ...ownerOf(principal),
      reference,
      currency,
      items,
      note,
      cancelledAt: null,
      cancellationReason: null,
      version: 1,
      createdAt: now,
      updatedAt: now,
    });
    return this.database.transaction(async () => {
      await this.users.assertPresent(order.ownerId); // or an erasure under way would not find the order
      await this.orders.insert(order);
      await this.record(principal, 'order.created', order, { after: facts(order) });
      return order;
    });
  }

  /** @throws Problem order.not_open, order.reference_taken */
  change(principal: Principal, id: string, request: ChangeOrderRequest): Promise<Order> {
    return this.apply(principal, id, 'order.changed', (order) => {
      order.assertOpen();
      if (request.reference !== undefined) order.reference = request.reference;
      if (request.items !== undefined) order.items = request.items;
      if (request.note !== undefined) order.note = request.note;
    });
  }

  /** @throws Problem order.not_open */
  cancel(principal: Principal, id: string, reason: string | null): Promise<Order> {
    return this.apply(principal, id, 'order.cancelled', (order, now) => order.cancel(reason, now));
  }

  async remove(principal: Principal, id: string): Promise<void> {
    await this.database.transaction(async () => {
      const order = await this.orders.getForUpdate(principal, id);
      principal.assertSeen(order);
      await this.orders.delete(order);
      await this.record(principal, 'order.deleted', order, { before: facts(order) });
    });
  }

  /** Cancels what a user who is gone has left open; for the transaction of the removal. */
  async cancelAllOf(principal: Principal, ownerId: string, now: Date): Promise<void> {
    for (const order of await this.orders.openOf(ownerId)) {
      const before = facts(order);
      order.cancel('owner deleted', now);
      await this.orders.save(order, now);
      await this.record(principal, 'order.cancelled', order, changes(before, facts(order)));
    }
  }

  private apply(
    principal: Principal,
    id: string,
    action: string,
    change: (order: Order, now: Date) => void,
  ): Promise<Order> {
    return this.database.transaction(async () => {
      const order = await this.orders.getForUpdate(principal, id);
      principal.assertSeen(order);
      const now = this.clock.now();
      const before = facts(order);
      change(order, now);
      await this.orders.save(order, now);
      await this.record(principal, action, order, changes(before, facts(order)));
      return order;
    });
  }

  private record(
    principal: Principal,
    action: string,
    { id, organizationId }: Order,
    states: { before?: object; after?: object },
  ): Promise<void> {
    return this.audit.record({ actor: principal, action, target: { type: 'order', id }, organizationId, ...states });
  }
}

/** What the audit log shows. A note may speak of people, so it is not copied to where nothing is ever deleted. */
function facts({ reference, currency, items, totalCents, status }: Order): object & Record<string, unknown> {
  return { reference, currency, items, totalCents, status };
}

/** @throws Problem request.not_found for a principal that is no user and so can own nothing */
function ownerOf({ userId, organizationId }: Principal): { ownerId: string; organizationId: string } {
  if (userId === null || organizationId === null)
    throw new Problem(RequestProblems.notFound, { detail: 'The credential belongs to no user.' });
  return { ownerId: userId, organizationId };
}
