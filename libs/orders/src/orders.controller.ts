import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { OrderRepository } from './order.repository.js';
import { CancelOrderRequest, ChangeOrderRequest, CreateOrderRequest, OrderListQuery, OrderView } from './orders.dto.js';
import { OrderPermissions } from './orders.permissions.js';
import { OrderProblems } from './orders.problems.js';
import { OrdersService } from './orders.service.js';

/** One's own orders. */
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrderRepository,
    private readonly service: OrdersService,
  ) {}

  /** Places an order. */
  @Post()
  @RequirePermissions(OrderPermissions.create)
  @Returns(201, OrderView)
  @MayFailWith(OrderProblems.referenceTaken)
  async create(@CurrentPrincipal() principal: Principal, @Body() request: CreateOrderRequest): Promise<OrderView> {
    return OrderView.of(await this.service.create(principal, request));
  }

  /** Lists one’s own orders, newest first. */
  @Get()
  @RequirePermissions(OrderPermissions.read)
  @Returns(200, PageOf(OrderView))
  async list(@CurrentPrincipal() principal: Principal, @Query() query: OrderListQuery): Promise<Page<OrderView>> {
    const { items, next } = await this.orders.page(principal, query);
    return { items: items.map((order) => OrderView.of(order)), next };
  }

  /** Reads one of one’s own orders. */
  @Get(':id')
  @RequirePermissions(OrderPermissions.read)
  @Returns(200, OrderView)
  @MayFailWith(RequestProblems.notFound)
  async read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<OrderView> {
    return OrderView.of(await this.orders.get(principal, id));
  }

  /** Changes an open order; absent fields stay, null clears. */
  @Patch(':id')
  @RequirePermissions(OrderPermissions.update)
  @Returns(200, OrderView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, OrderProblems.notOpen, OrderProblems.referenceTaken)
  async change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeOrderRequest,
  ): Promise<OrderView> {
    return OrderView.of(await this.service.change(principal, id, request));
  }

  /** Cancels an open order, for good. */
  @Post(':id/cancel')
  @RequirePermissions(OrderPermissions.cancel)
  @Returns(200, OrderView)
  @MayFailWith(RequestProblems.notFound, OrderProblems.notOpen)
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: CancelOrderRequest,
  ): Promise<OrderView> {
    return OrderView.of(await this.service.cancel(principal, id, request.reason ?? null));
  }

  /** Deletes an order; the audit log keeps what it was. */
  @Delete(':id')
  @RequirePermissions(OrderPermissions.delete)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound)
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.service.remove(principal, id);
  }
}
