import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { asResource, Clearable, Optional, PageQuery } from '#libs/http';
import { type Order, type OrderItem, type OrderStatus, orderStatuses } from './order.entity.js';

const oneLine = { message: 'must be one line of visible characters' };

/** One line of an order. */
export class OrderItemDto implements OrderItem {
  /** What is ordered, in the shop’s own code. @example 'MUG-BLUE' */
  @IsString()
  @Length(1, 64)
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be ASCII without spaces' })
  sku: string;

  @ApiProperty({ type: 'integer' })
  @IsInt()
  @Min(1)
  @Max(10_000)
  quantity: number;

  /** In hundredths of the currency. */
  @ApiProperty({ type: 'integer' })
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  unitPriceCents: number;
}

export class CreateOrderRequest {
  /** What you call the order; no other order of yours may have it. @example 'PO-2026-17' */
  @Clearable()
  @IsString()
  @Length(1, 100)
  @Matches(/^[^\p{Cc}]+$/u, oneLine)
  reference?: string | null;

  /** ISO 4217. @example 'EUR' */
  @IsString()
  @Matches(/^[A-Z]{3}$/, { message: 'must be three capital letters, such as EUR' })
  currency: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsObject({ each: true, message: 'each entry must be an object' }) // ValidateNested looks into arrays
  @ValidateNested({ each: true })
  @Type(() => OrderItemDto)
  items: OrderItemDto[];

  @Clearable()
  @IsString()
  @MaxLength(2000)
  note?: string | null;
}

export class ChangeOrderRequest {
  @Clearable()
  @IsString()
  @Length(1, 100)
  @Matches(/^[^\p{Cc}]+$/u, oneLine)
  reference?: string | null;

  /** All the items that the order shall have. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsObject({ each: true, message: 'each entry must be an object' }) // ValidateNested looks into arrays
  @ValidateNested({ each: true })
  @Type(() => OrderItemDto)
  items?: OrderItemDto[];

  @Clearable()
  @IsString()
  @MaxLength(2000)
  note?: string | null;
}

export class CancelOrderRequest {
  @Clearable()
  @IsString()
  @Length(1, 500)
  reason?: string | null;
}

export class OrderListQuery extends PageQuery {
  @Optional()
  @IsIn(orderStatuses)
  status?: OrderStatus;

  /** The whole reference. */
  @Optional()
  @IsString()
  @MaxLength(100)
  reference?: string;
}

/** What a user ordered. */
export class OrderView {
  id: string;
  reference: string | null;
  status: OrderStatus;
  /** @example EUR */
  currency: string;
  items: OrderItemDto[];
  /** The sum of quantity times price, in hundredths of the currency. */
  totalCents: number;
  note: string | null;
  cancelledAt: Date | null;
  cancellationReason: string | null;
  ownerId: string;
  organizationId: string;
  createdAt: Date;
  updatedAt: Date;

  static of(order: Order): OrderView {
    const { id, version } = order;
    const view = Object.assign(new OrderView(), {
      id,
      reference: order.reference,
      status: order.status,
      currency: order.currency,
      items: order.items,
      totalCents: order.totalCents,
      note: order.note,
      cancelledAt: order.cancelledAt,
      cancellationReason: order.cancellationReason,
      ownerId: order.ownerId,
      organizationId: order.organizationId,
      createdAt: order.createdAt,
      updatedAt: order.updatedAt,
    });
    return asResource(view, { path: `orders/${id}`, version });
  }
}
