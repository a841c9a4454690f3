import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { Optional } from '#libs/http';
import { UserView } from './users.dto.js';

/** How many entries of a section one export holds. */
export const EXPORT_LIMIT = 500;

export class PersonalDataQuery {
  /** Only this section. @example 'usage' */
  @Optional()
  @IsString()
  @Matches(/^[a-z][A-Za-z]{0,49}$/, { message: 'must be the name of a section' })
  section?: string;

  /** `next` of the section in the export before; `section` must be given with it. */
  @Optional()
  @IsString()
  @MaxLength(1024)
  after?: string;
}

/** The newest entries of one kind. */
export class PersonalDataSection {
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  items: readonly object[];

  /** Null when nothing is left; otherwise ask again with `?section=<name>&after=<next>`. */
  @ApiProperty({ type: String, nullable: true })
  next: string | null;
}

/** Everything that is held about a user; secrets are not kept, so there are none. */
@ApiExtraModels(PersonalDataSection)
export class PersonalDataView {
  exportedAt: Date;
  user: UserView;

  /** By name, such as `apiKeys`, `auditEvents` and `usage`: each with at most 500 entries, newest first. */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(PersonalDataSection) } })
  sections: Record<string, PersonalDataSection>;
}
