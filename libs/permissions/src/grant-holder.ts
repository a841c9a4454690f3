import { defineSeam, hasMethods } from '#libs/extensions';
import type { Principal } from '#libs/access';

/** Turns what a holder has been granted so far into what it shall be granted. */
export type GrantChange = (grants: readonly string[]) => readonly string[];

/** A kind of thing that permissions are granted to. */
export interface GrantHolder {
  readonly kind: 'role' | 'user' | 'key';
  /**
   * Applies `change` to the grants of the holder `id`, stored, in force at once and recorded; resolves to the result.
   * @throws Problem request.not_found
   */
  changeGrants(principal: Principal, id: string, change: GrantChange): Promise<readonly string[]>;
}

/** Marks a provider as a GrantHolder: `POST /admin/permissions` grants to what it keeps. */
export const HoldsGrants = defineSeam<GrantHolder>(
  'HoldsGrants',
  (candidate): candidate is GrantHolder => hasMethods(candidate, 'changeGrants') && 'kind' in candidate,
);
