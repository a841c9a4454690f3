import { Injectable, type StreamableFile } from '@nestjs/common';
import { downloadText, invalid, isWritable } from '#libs/http';
import { usageHeadings } from './usage-lines.query.js';
import type { UsageExportQuery } from './usage-query.dto.js';
import { UsageRows } from './usage-rows.read-model.js';
import type { UsageSelection } from './usage-selector.js';
import { walk } from './usage-walk.js';

/** What the first column of an export holds: when, to the microsecond, and the request id. */
const position = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d{6}Z [\x21-\x7e]{1,128}$/;

/** Usage records as a file. */
@Injectable()
export class UsageExport {
  constructor(private readonly rows: UsageRows) {}

  /** @throws Problem request.invalid when `after` is not the position of a row */
  file(selection: UsageSelection, { format, after }: UsageExportQuery): Promise<StreamableFile> {
    if (after !== undefined && !isPosition(after))
      throw invalid([{ pointer: '/after', detail: 'must be the `position` of a row of an export' }]);
    return downloadText({
      name: 'usage',
      format,
      headings: usageHeadings,
      lines: walk(this.rows, format, selection, after),
    });
  }
}

/** Of a day that there is: `Date` takes 30 February for a day in March, PostgreSQL does not. */
function isPosition(text: string): boolean {
  const [, second] = position.exec(text) ?? [];
  const at = second === undefined ? Number.NaN : Date.parse(`${second}Z`);
  return isWritable(new Date(at)) && new Date(at).toISOString().slice(0, 19) === second;
}
