import { Controller, Get } from '@nestjs/common';
import { PermissionCatalogue, RequirePermissions } from '#libs/access';
import { Returns } from '#libs/http';
import { PermissionCatalogueView } from './permissions.dto.js';
import { GrantPermissions } from './permissions.permissions.js';

@Controller('admin/permissions')
export class PermissionsController {
  constructor(private readonly catalogue: PermissionCatalogue) {}

  /** Lists every permission by category. */
  @Get()
  @RequirePermissions(GrantPermissions.read)
  @Returns(200, PermissionCatalogueView)
  list(): PermissionCatalogueView {
    const all = this.catalogue.all().toSorted((a, b) => a.name.localeCompare(b.name));
    const categories = [...new Set(all.map(({ category }) => category))].toSorted().map((category) => ({
      category,
      permissions: all
        .filter((permission) => permission.category === category)
        .map(({ name, description }) => ({ name, description })),
    }));
    return { categories, total: all.length };
  }
}
