/** A permission that may be granted. */
export class PermissionView {
  /** @example 'api-keys:create' */
  name: string;
  description: string;
}

/** The permissions under one heading. */
export class PermissionCategoryView {
  /** @example 'api-keys' */
  category: string;
  permissions: PermissionView[];
}

/** Every permission that any feature declares, by category. */
export class PermissionCatalogueView {
  categories: PermissionCategoryView[];
  /** How many permissions there are. */
  total: number;
}
