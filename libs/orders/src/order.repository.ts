import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { Principal } from '#libs/access';
import { Database, keysetPage, type ScopedSelect, violates } from '#libs/database';
import { Cursors, type Page, type PageQuery, Problem, RequestProblems } from '#libs/http';
import { Order } from './order.entity.js';
import type { OrderListQuery } from './orders.dto.js';
import { OrderProblems } from './orders.problems.js';

/** Orders; nobody sees those of others. */
@Injectable()
export class OrderRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** @throws Problem request.not_found, the same for somebody else's order and for one that never was */
  async get(principal: Principal, id: string): Promise<Order> {
    return found(await this.visibleTo(principal).andWhere('order.id = :id', { id }).getOne());
  }

  /** Like `get`, and no other transaction changes the order until this one ends. */
  async getForUpdate(principal: Principal, id: string): Promise<Order> {
    const locked = this.visibleTo(principal).andWhere('order.id = :id', { id }).setLock('pessimistic_write');
    return found(await locked.getOne());
  }

  /** Newest first. */
  page(principal: Principal, query: OrderListQuery): Promise<Page<Order>> {
    const orders = this.visibleTo(principal);
    if (query.status !== undefined)
      orders.andWhere(`order.cancelledAt is ${query.status === 'open' ? 'null' : 'not null'}`);
    if (query.reference !== undefined) orders.andWhere('order.reference = :reference', { reference: query.reference });
    return keysetPage(orders, { property: 'id', descending: true }, query, this.cursors, 'orders');
  }

  /** All orders of one user, newest first, whoever asks. */
  pageOf(ownerId: string, query: PageQuery): Promise<Page<Order>> {
    const orders = this.database
      .regardlessOfOrganization(Order)
      .createQueryBuilder('order')
      .where('order.ownerId = :ownerId', { ownerId });
    return keysetPage(orders, { property: 'id', descending: true }, query, this.cursors, `orders of ${ownerId}`);
  }

  /** Takes away what a user wrote, whatever it says. */
  async eraseTextsOf(ownerId: string): Promise<void> {
    await this.database
      .regardlessOfOrganization(Order)
      .update({ ownerId }, { note: null, reference: null, cancellationReason: null });
  }

  /** The open orders of one user, whoever asks. */
  openOf(ownerId: string): Promise<Order[]> {
    return this.database.regardlessOfOrganization(Order).findBy({ ownerId, cancelledAt: IsNull() });
  }

  /** @throws Problem order.reference_taken */
  async insert(order: Order): Promise<void> {
    await refusingTakenReference(() => this.database.store(Order).insert(order));
  }

  /** Stores the changes and counts the version up. @throws Problem order.reference_taken */
  async save(order: Order, now: Date): Promise<void> {
    order.version += 1;
    order.updatedAt = now;
    await refusingTakenReference(() => this.database.store(Order).save(order));
  }

  async delete(order: Order): Promise<void> {
    await this.database.store(Order).delete(order);
  }

  private visibleTo({ scope, userId }: Principal): ScopedSelect<Order> {
    return this.database.within(scope, Order, 'order').andWhere('order.ownerId = :userId', { userId });
  }
}

function found(order: Order | null): Order {
  if (order === null) throw new Problem(RequestProblems.notFound, { detail: 'There is no such order.' });
  return order;
}

async function refusingTakenReference(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, 'orders_reference_key')) throw new Problem(OrderProblems.referenceTaken);
    throw error;
  }
}
