import { Body, Controller, Post } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { Returns } from '#libs/http';
import { ApiKeyPermissions } from '../api-keys.permissions.js';
import { ImportKeysRequest, ImportOutcome, type RowOutcome } from './import-keys.dto.js';
import { KeyImporter } from './key-importer.js';

/** Keys that were hashed elsewhere come in. */
@Controller('admin/api-keys/import')
export class ImportKeysController {
  constructor(private readonly importer: KeyImporter) {}

  /**
   * Imports keys by their hashes; 200 with what became of each. They keep working as they were, beside new keys. Sending
   * the same again changes nothing.
   */
  @Post()
  @RequirePermissions(ApiKeyPermissions.manage)
  @Returns(200, ImportOutcome)
  async importKeys(
    @CurrentPrincipal() principal: Principal,
    @Body() { keys, dryRun = false }: ImportKeysRequest,
  ): Promise<ImportOutcome> {
    const rows = keys.map((value, index) => ({ line: index + 1, value }));
    const outcomes: RowOutcome[] = [];
    for await (const outcome of this.importer.import(principal, rows, dryRun)) outcomes.push(outcome);
    return ImportOutcome.of(outcomes, dryRun);
  }
}
