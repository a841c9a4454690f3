import { Injectable } from '@nestjs/common';
import { HoldsPersonalData, type PersonalDataHolder, type PersonalDataPart } from '#libs/users';
import { OrderRepository } from './order.repository.js';
import { OrderView } from './orders.dto.js';

/** What orders tell of a person. What was ordered at which price is kept; what the person wrote is not. */
@HoldsPersonalData()
@Injectable()
export class OrderPersonalData implements PersonalDataHolder {
  readonly section = 'orders';

  constructor(private readonly orders: OrderRepository) {}

  async exportOf(userId: string, limit: number, after: string | undefined): Promise<PersonalDataPart> {
    const { items, next } = await this.orders.pageOf(userId, { limit, after });
    return { items: items.map((order) => OrderView.of(order)), next };
  }

  eraseOf(userId: string): Promise<void> {
    return this.orders.eraseTextsOf(userId);
  }
}
