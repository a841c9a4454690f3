import type { ApiKey } from './api-key.entity.js';
import { ALL_ENVIRONMENTS, type KeyPolicy } from './key-policy.entity.js';
import { type KeyRules, violation } from './key-rules.js';

/** A key as far as it is counted. */
export type CountedKey = Pick<ApiKey, 'organizationId' | 'ownerId'>;

/** Which keys are counted together: those of an organization, of one environment, of one owner; null for all. */
export interface CountedWithin {
  readonly organizationId: string;
  readonly environment: string | null;
  readonly ownerId: string | null;
}

/** A limit on how many keys there may be. */
interface Limit {
  readonly within: CountedWithin;
  readonly most: number;
  readonly refusal: () => Error;
}

/** Counts keys that work. */
type Count = (within: CountedWithin) => Promise<number>;

/**
 * The room that policies leave. What was counted is remembered, so make one for each transaction, which nobody else may
 * add keys beside.
 */
export class KeyRoom {
  private readonly counted = new Map<string, number>();

  constructor(private readonly count: Count) {}

  /** There is a place for a key that is not stored yet. @throws Problem policy.violated */
  async assertFree(rules: KeyRules, key: CountedKey): Promise<void> {
    for (const { within, most, refusal } of limitsOn(rules, key))
      if ((await this.working(within)) >= most) throw refusal();
  }

  /** Takes the place that was free. */
  take(rules: KeyRules, key: CountedKey): void {
    for (const name of new Set(limitsOn(rules, key).map(({ within }) => nameOf(within))))
      this.counted.set(name, (this.counted.get(name) ?? 0) + 1);
  }

  private async working(within: CountedWithin): Promise<number> {
    const known = this.counted.get(nameOf(within));
    if (known !== undefined) return known;
    const working = await this.count(within);
    this.counted.set(nameOf(within), working);
    return working;
  }
}

/** There are not more keys than allowed, `key`, which is stored, among them. @throws Problem policy.violated */
export async function assertRoomHeld(rules: KeyRules, key: CountedKey, count: Count): Promise<void> {
  for (const { within, most, refusal } of limitsOn(rules, key)) if ((await count(within)) > most) throw refusal();
}

function limitsOn(rules: KeyRules, { organizationId, ownerId }: CountedKey): Limit[] {
  return rules.counting.flatMap((policy) => {
    const { maximumKeysPerOwner: perOwner, maximumKeys: inAll } = policy;
    const environment = policy.environment === ALL_ENVIRONMENTS ? null : policy.environment;
    return [
      ...(perOwner === null
        ? []
        : [
            {
              within: { organizationId, environment, ownerId },
              most: perOwner,
              refusal: () => tooManyOfOwner(policy, perOwner),
            },
          ]),
      ...(inAll === null
        ? []
        : [
            {
              within: { organizationId, environment, ownerId: null },
              most: inAll,
              refusal: () => tooMany(policy, inAll),
            },
          ]),
    ];
  });
}

function tooManyOfOwner(policy: KeyPolicy, most: number): Error {
  return violation(policy, 'maximumKeysPerOwner', most, `An owner may have at most ${most} keys that work.`);
}

function tooMany(policy: KeyPolicy, most: number): Error {
  return violation(policy, 'maximumKeys', most, `The organization may have at most ${most} keys that work.`);
}

function nameOf({ organizationId, environment, ownerId }: CountedWithin): string {
  return JSON.stringify([organizationId, environment, ownerId]);
}
