import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { TakesPartInUserRemoval, type UserRemovalParticipant } from '#libs/users';
import { OrdersService } from './orders.service.js';

/** A user's open orders are cancelled when the user is removed. */
@TakesPartInUserRemoval()
@Injectable()
export class OrderOwnerRemoval implements UserRemovalParticipant {
  constructor(private readonly orders: OrdersService) {}

  userRemoved(principal: Principal, userId: string, now: Date): Promise<void> {
    return this.orders.cancelAllOf(principal, userId, now);
  }
}
