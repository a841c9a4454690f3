import { Controller, Get, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { ApiKeyPermissions, ApiKeysService } from '#libs/api-keys';
import { Id, MayFailWith, Problem, RequestProblems, Returns } from '#libs/http';
import { OwnCallsQuery, OwnUsageQuery } from './usage-query.dto.js';
import { UsageSelector } from './usage-selector.js';
import { UsageSummaries } from './usage-summaries.js';
import { KeyUsageView, UsageSummaryView } from './usage-summary.dto.js';

/** Questions about one's own calls. */
@Controller()
export class OwnUsageController {
  constructor(
    private readonly selector: UsageSelector,
    private readonly summaries: UsageSummaries,
    private readonly keys: ApiKeysService,
  ) {}

  /** Sums up the calls with one of one’s own keys. */
  @Get('api-keys/:id/usage')
  @RequirePermissions(ApiKeyPermissions.read)
  @Returns(200, KeyUsageView)
  @MayFailWith(RequestProblems.notFound)
  async readKeyUsage(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query() query: OwnCallsQuery,
  ): Promise<KeyUsageView> {
    const { lastUsedAt } = await this.keys.read(principal, 'own', id);
    const summary = await this.summaries.summarize(this.selector.ofKey(id, query));
    return Object.assign(new KeyUsageView(), summary, { keyId: id, lastUsedAt });
  }

  /** Sums up one’s own calls, with whichever key. */
  @Get('profile/usage')
  @RequirePermissions(ApiKeyPermissions.read)
  @Returns(200, UsageSummaryView)
  @MayFailWith(RequestProblems.notFound)
  readOwnUsage(@CurrentPrincipal() { userId }: Principal, @Query() query: OwnUsageQuery): Promise<UsageSummaryView> {
    if (userId === null) throw new Problem(RequestProblems.notFound, { detail: 'The credential belongs to no user.' });
    return this.summaries.summarize(this.selector.ofUser(userId, query));
  }
}
