import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, type Page, PageOf, RequestProblems, Returns } from '#libs/http';
import { SecurityEventRepository } from './security-event.repository.js';
import { ChangeSecurityEventRequest, SecurityEventListQuery, SecurityEventView } from './security-events.dto.js';
import { SecurityEventsService } from './security-events.service.js';
import { SecurityPermissions } from './security.permissions.js';
import { SecurityEventProblems } from './security.problems.js';

@Controller('admin/security/events')
export class SecurityEventsController {
  constructor(
    private readonly events: SecurityEventRepository,
    private readonly service: SecurityEventsService,
  ) {}

  /** Lists security events, newest first. */
  @Get()
  @RequirePermissions(SecurityPermissions.read)
  @Returns(200, PageOf(SecurityEventView))
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() query: SecurityEventListQuery,
  ): Promise<Page<SecurityEventView>> {
    const { items, next } = await this.events.page(principal, query);
    return { items: items.map((event) => SecurityEventView.of(event)), next };
  }

  /** Reads a security event. */
  @Get(':id')
  @RequirePermissions(SecurityPermissions.read)
  @Returns(200, SecurityEventView)
  @MayFailWith(RequestProblems.notFound)
  async read(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<SecurityEventView> {
    return SecurityEventView.of(await this.events.get(principal, id));
  }

  /** Acknowledges or resolves a security event, or notes something about it; absent fields stay. */
  @Patch(':id')
  @RequirePermissions(SecurityPermissions.resolve)
  @Returns(200, SecurityEventView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, SecurityEventProblems.resolved)
  async change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body() request: ChangeSecurityEventRequest,
  ): Promise<SecurityEventView> {
    return SecurityEventView.of(await this.service.change(principal, id, request));
  }
}
