/**
 * A grant is a permission's exact name, `<subject>:*` for all of a subject's permissions, or `*` for all there are,
 * those to come included.
 */
export const grantPattern = /^(\*|[a-z][a-z0-9-]*:(\*|[a-z][a-z0-9-]*))$/;

/** True when one of `grants` gives `wanted`, which may itself be a wildcard: only a wildcard covers a wildcard. */
export function covers(grants: readonly string[], wanted: string): boolean {
  return grants.some(
    (grant) => grant === wanted || grant === '*' || (grant.endsWith(':*') && wanted.startsWith(grant.slice(0, -1))),
  );
}

/** The grants that both lists give: of two that overlap, the narrower. */
export function commonGrants(left: readonly string[], right: readonly string[]): string[] {
  const narrower = left.flatMap((one) =>
    right.flatMap((other) => (covers([other], one) ? [one] : covers([one], other) ? [other] : [])),
  );
  return [...new Set(narrower)];
}

/** Those of `names` that both lists give: what an owner's roles grant now, narrowed by what the key was granted. */
export function effectivePermissions(
  names: Iterable<string>,
  ownerGrants: readonly string[],
  keyGrants: readonly string[],
): ReadonlySet<string> {
  return new Set([...names].filter((name) => covers(ownerGrants, name) && covers(keyGrants, name)));
}
