import { PickType } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { Optional, Problem, RequestValidationPipe, type RowProblem } from '#libs/http';
import { CreateUserRequest } from './users.dto.js';

/** A user of another system, and the hash of the one key that they have there. */
export class LegacyUserRow extends PickType(CreateUserRequest, ['email', 'name']) {
  /** SHA-256 of the whole key. */
  @IsString()
  @Matches(/^[0-9a-f]{64}$/i, { message: 'must be SHA-256 in hex, 64 digits' })
  sha256: string;

  /** Slug; absent: the default organization. */
  @Optional()
  @IsString()
  @Length(1, 100)
  organization?: string;
}

/** What became of a row. */
export interface LegacyUserOutcome {
  readonly line: number;
  /** `completed`: the user was there without a legacy key; `exists`: with this one. */
  readonly outcome: 'created' | 'completed' | 'exists' | 'failed';
  readonly userId: string | null;
  readonly problem: RowProblem | null;
}

/** A row that is well-formed by itself. */
export interface SoundLegacyUser {
  readonly line: number;
  readonly row: LegacyUserRow;
}

const pipe = new RequestValidationPipe();

/** @throws Problem request.invalid, request.malformed */
export async function legacyUserRow(value: unknown): Promise<LegacyUserRow> {
  if (value instanceof Problem) throw value;
  const row: unknown = await pipe.transform(value, { type: 'body', metatype: LegacyUserRow });
  if (!(row instanceof LegacyUserRow)) throw new TypeError('The row was not made of what was given.');
  row.sha256 = row.sha256.toLowerCase();
  return row;
}
