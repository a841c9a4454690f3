import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { UserTiers } from './user-tiers.read-model.js';
import { UsageAggregates } from './usage-aggregates.read-model.js';
import { UsageNames } from './usage-names.read-model.js';
import { everyCall, type GroupTotals, type UsagePeriod } from './usage-question.js';
import { ConsumptionView, OrganizationConsumptionView, TierConsumptionView } from './usage-reports.dto.js';
import { exactness } from './usage.dto.js';

/** How many users are told apart; calls of the others are without a tier. */
const MOST_USERS = 10_000;

type Sums = Omit<TierConsumptionView, 'tier'>;

/** Who consumed how much: by organization, and within it by the subscription tier of the users. */
@Injectable()
export class Consumption {
  constructor(
    private readonly usage: UsageAggregates,
    private readonly names: UsageNames,
    private readonly tiers: UserTiers,
  ) {}

  async of(
    principal: Principal,
    period: UsagePeriod,
    organizationId: string | null,
    limit: number,
  ): Promise<ConsumptionView> {
    const filter = { ...everyCall, organizationId };
    const users = await this.usage.grouped(period, filter, 'user', { limit: MOST_USERS, order: 'calls' });
    const byOrganization = await this.byTier(users);
    const organizations = await this.usage.grouped(period, filter, 'organization', { limit, order: 'calls' });
    const names = await this.names.name(principal, 'organization', organizations);
    const items = organizations.map((totals, at) => {
      const whole = sums(totals);
      const tiers = byOrganization.get(totals.value) ?? new Map<string | null, Sums>();
      return Object.assign(new OrganizationConsumptionView(), whole, {
        organizationId: totals.value,
        name: names[at]?.name ?? null,
        tiers: withRest(whole, tiers),
      });
    });
    return Object.assign(new ConsumptionView(), period, { items }, exactness(organizations));
  }

  private async byTier(users: readonly GroupTotals[]): Promise<Map<string | null, Map<string | null, Sums>>> {
    const facts = await this.tiers.of(users.flatMap(({ value }) => value ?? []));
    const byOrganization = new Map<string | null, Map<string | null, Sums>>();
    for (const user of users) {
      const known = facts.get(user.value);
      if (known === undefined) continue; // what is left of the organization
      const tiers = byOrganization.get(known.organizationId) ?? new Map<string | null, Sums>();
      byOrganization.set(known.organizationId, tiers.set(known.tier, plus(tiers.get(known.tier), sums(user))));
    }
    return byOrganization;
  }
}

function sums({ calls, clientErrors, serverErrors, bytes }: GroupTotals): Sums {
  return { calls, errors: clientErrors + serverErrors, bytes };
}

function plus(left: Sums = { calls: 0, errors: 0, bytes: 0 }, right: Sums): Sums {
  return { calls: left.calls + right.calls, errors: left.errors + right.errors, bytes: left.bytes + right.bytes };
}

/** The tiers with most calls first, then what is in the whole and in none of them. */
function withRest(whole: Sums, tiers: ReadonlyMap<string | null, Sums>): TierConsumptionView[] {
  const known = [...tiers].map(([tier, own]) => Object.assign(new TierConsumptionView(), own, { tier }));
  const rest = { ...whole };
  for (const { calls, errors, bytes } of known) {
    rest.calls -= calls;
    rest.errors -= errors;
    rest.bytes -= bytes;
  }
  const ordered = known.toSorted((a, b) => b.calls - a.calls);
  return rest.calls > 0 ? [...ordered, Object.assign(new TierConsumptionView(), rest, { tier: null })] : ordered;
}
