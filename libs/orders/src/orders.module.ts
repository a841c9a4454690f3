import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '#libs/access';
import { AuditModule } from '#libs/audit';
import { ClockModule } from '#libs/clock';
import { Feature, HttpModule } from '#libs/http';
import { UsersModule } from '#libs/users';
import { OrderCancellationDetector } from './order-cancellation.detector.js';
import { OrderOwnerRemoval } from './order-owner-removal.js';
import { OrderPersonalData } from './order-personal-data.js';
import { OrderUsageSink } from './order-usage.sink.js';
import { Order } from './order.entity.js';
import { OrderRepository } from './order.repository.js';
import { OrdersController } from './orders.controller.js';
import { OrderPermissions } from './orders.permissions.js';
import { OrdersProbe } from './orders.probe.js';
import { OrdersService } from './orders.service.js';

/** The reference extension: it plugs in as anybody's feature would, and no library knows it. */
@Feature('Orders', 'One’s own orders: the example of a feature that another team adds.')
@Module({
  imports: [
    AccessModule.forFeature(OrderPermissions),
    AuditModule,
    ClockModule,
    HttpModule,
    TypeOrmModule.forFeature([Order]),
    UsersModule,
  ],
  controllers: [OrdersController],
  providers: [
    OrderCancellationDetector,
    OrderOwnerRemoval,
    OrderPersonalData,
    OrderRepository,
    OrdersProbe,
    OrdersService,
    OrderUsageSink,
  ],
})
export class OrdersModule {}
