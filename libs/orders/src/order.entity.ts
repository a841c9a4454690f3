import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import { Problem } from '#libs/http';
import { OrderProblems } from './orders.problems.js';

export const orderStatuses = ['open', 'cancelled'] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** One line of an order. */
export interface OrderItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

/** What a user ordered. */
@Entity('orders')
@Unique('orders_reference_key', ['ownerId', 'reference'])
@Index('orders_owner_id_idx', ['ownerId', 'id'])
@Index('orders_organization_id_idx', ['organizationId', 'id'])
export class Order {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'orders_pkey' })
  id: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'owner_id' })
  ownerId: string;

  @Column('text', { nullable: true })
  reference: string | null;

  @Column('text')
  currency: string;

  @Column('jsonb')
  items: readonly OrderItem[];

  @Column('text', { nullable: true })
  note: string | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt: Date | null;

  @Column('text', { name: 'cancellation_reason', nullable: true })
  cancellationReason: string | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  get status(): OrderStatus {
    return this.cancelledAt === null ? 'open' : 'cancelled';
  }

  /** In hundredths of the currency; exact, for the largest order stays below 2^53. */
  get totalCents(): number {
    return this.items.reduce((total, { quantity, unitPriceCents }) => total + quantity * unitPriceCents, 0);
  }

  /** @throws Problem order.not_open */
  assertOpen(): void {
    if (this.status !== 'open') throw new Problem(OrderProblems.notOpen);
  }

  /** @throws Problem order.not_open */
  cancel(reason: string | null, now: Date): void {
    this.assertOpen();
    this.cancelledAt = now;
    this.cancellationReason = reason;
  }
}
