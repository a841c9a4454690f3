/** What may be granted: `<subject>:<action>`, with what it allows in words. */
export interface Permission {
  readonly name: PermissionName;
  readonly description: string;
  /** The heading under which it is shown. */
  readonly category: string;
}

/** The exact name of a permission; only `definePermissions` makes one, so a mistyped name does not compile. */
export type PermissionName = `${string}:${string}` & { readonly [declared]: true };
declare const declared: unique symbol;

/** The permissions of one feature: a member for each action, and the list that is registered. */
export type PermissionSet<A extends string> = { readonly [K in A as CamelCase<K>]: PermissionName } & {
  readonly all: readonly Permission[];
};
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/**
 * Declares what may be granted in a feature: `definePermissions('orders', { read: 'Read orders' })` has the member `read`
 * with the name `orders:read`. `category` is the heading under which they are shown; by default the subject.
 */
export function definePermissions<const A extends string>(
  subject: string,
  actions: Readonly<Record<A, string>>,
  category: string = subject,
): PermissionSet<A> {
  const all = Object.entries<string>(actions).map(([action, description]) => ({
    // the one place where a text becomes a permission's name
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    name: `${subject}:${action}` as PermissionName,
    description,
    category,
  }));
  const members = all.map(({ name }) => [camelCase(name.slice(subject.length + 1)), name]);
  // one member was made for each action; the compiler cannot follow a loop
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...(Object.fromEntries(members) as { [K in A as CamelCase<K>]: PermissionName }), all };
}

function camelCase(action: string): string {
  return action.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
