import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CurrentPrincipal, type Principal, RequirePermissions, StandingAccess } from '#libs/access';
import { EventStreams, MayFailWith, ReturnsEvents, StreamProblems } from '#libs/http';
import { AnalyticsPermissions } from './analytics.permissions.js';
import { LiveBoard } from './live-board.js';
import { LiveUsageQuery, LiveUsageView } from './live-usage.dto.js';
import { visibleOrganization } from './usage-selector.js';

/** Calls as they are made. */
@Controller('admin/analytics')
export class LiveUsageController {
  constructor(
    private readonly streams: EventStreams,
    private readonly access: StandingAccess,
    private readonly board: LiveBoard,
  ) {}

  /**
   * Streams the calls of all replicas, an event `usage` every second. The stream ends within a second when the key may no
   * longer read it; a reader that falls behind is cut off and may come back.
   */
  @Get('stream')
  @RequirePermissions(AnalyticsPermissions.read)
  @ReturnsEvents(LiveUsageView)
  @MayFailWith(StreamProblems.tooMany, StreamProblems.unavailable)
  streamUsage(
    @CurrentPrincipal() principal: Principal,
    @Query() query: LiveUsageQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const organizationId = visibleOrganization(principal, query.organizationId?.toLowerCase());
    const terms = {
      holder: principal.keyId ?? principal.userId ?? request.context.clientAddress,
      organizationId: principal.scope,
      mayGoOn: this.access.of(request, AnalyticsPermissions.read),
    };
    return this.streams.serve(request, response, terms, (stream) =>
      this.board.watch(organizationId, (view) => stream.send('usage', view)),
    );
  }
}
