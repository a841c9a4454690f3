import { OmitType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { Optional, RowProblem } from '#libs/http';
import { IssueApiKeyRequest } from '../api-keys.dto.js';
import { type Scheme, schemes } from './imported-hash.js';

/** One key to import: whose it is, how it was hashed, and what a new key may be given. */
export class ImportedKeyRow extends OmitType(IssueApiKeyRequest, ['name']) {
  /** E-mail address or id of the user whose key it is. @example 'ada@example.com' */
  @IsString()
  @Length(1, 254)
  owner: string;

  /** Slug of the organization to which the owner must belong, as a safeguard. @example 'acme' */
  @Optional()
  @IsString()
  @Length(1, 100)
  organization?: string;

  /** Absent: `imported`. @example 'nightly import' */
  @Optional()
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'must not be blank' })
  name?: string;

  /** @example 'sha256' */
  @IsIn(schemes)
  scheme: Scheme;

  /** A digest in hex or base64, or the string that bcrypt, scrypt, argon2 or PBKDF2 made (PHC form). @example '5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5' */
  @IsString()
  @Length(1, 512)
  hash: string;

  /** The first 8 to 32 characters of the key; required for salted hashes, to find them. It is shown in lists and is no secret. @example 'sk_live_51H8' */
  @Optional()
  @IsString()
  @Matches(/^[\x20-\x7e]{8,32}$/, { message: 'must be the first 8 to 32 characters of the key, printable ASCII' })
  lookup?: string;

  /** For sha256 and sha512: what stood before the key when it was hashed. */
  @Optional()
  @IsString()
  @MaxLength(128)
  saltPrefix?: string;

  /** For sha256 and sha512: what stood behind it. */
  @Optional()
  @IsString()
  @MaxLength(128)
  saltSuffix?: string;

  /** For hmac-sha256: its secret as text, or as `hex:...` or `base64:...`. */
  @Optional()
  @IsString()
  @Length(1, 2100)
  secret?: string;
}

export class ImportKeysRequest {
  /** Each is judged by itself: one that is refused does not keep the others out. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  keys: ImportedKeyRow[];

  /** True: everything is checked and nothing is kept. */
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}

/** What became of a row. */
export class RowOutcome {
  /** Its line in the file; its position, from 1, in a request. */
  line: number;
  /** `exists`: the same hash was imported for the same owner before; that key stays as it is. */
  outcome: 'created' | 'exists' | 'failed';
  /** The key; null when the row failed, and when nothing was kept. */
  keyId: string | null;
  /** Null unless the row failed. */
  problem: RowProblem | null;
}

/** What became of the rows, in their order. */
export class ImportOutcome {
  dryRun: boolean;
  created: number;
  exists: number;
  failed: number;
  rows: RowOutcome[];

  static of(rows: RowOutcome[], dryRun: boolean): ImportOutcome {
    const count = (outcome: RowOutcome['outcome']): number => rows.filter((row) => row.outcome === outcome).length;
    const counts = { created: count('created'), exists: count('exists'), failed: count('failed') };
    return Object.assign(new ImportOutcome(), { dryRun, ...counts, rows });
  }
}
