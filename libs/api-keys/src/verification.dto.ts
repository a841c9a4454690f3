import { ArrayMaxSize, IsArray, IsIP, IsString, Matches, MaxLength } from 'class-validator';
import { grantPattern } from '#libs/access';
import { Optional } from '#libs/http';

/** As much as a request header may hold: whatever was presented to a service can be judged. */
const MAX_CREDENTIAL_LENGTH = 16_384;

export class VerifyApiKeyRequest {
  /** The credential to judge, as it was presented to your service. */
  @IsString()
  @MaxLength(MAX_CREDENTIAL_LENGTH)
  key: string;

  /** What the call needs; all of it. @example ['orders:read'] */
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @Matches(grantPattern, { each: true, message: 'each entry must be a permission such as orders:read' })
  permissions?: string[];

  /** From where it was presented; needed by keys with an allow list. @example '192.0.2.7' */
  @Optional()
  @IsIP()
  address?: string;
}

/** The outcome. Whatever it is, the call that asked succeeded. */
export class VerificationView {
  valid: boolean;
  /** `valid`, or why the key may not be used: the same codes as for a call with it. @example 'valid' */
  code: string;
  /** The reason in words; null when valid. */
  detail: string | null;
  /** Null unless the secret was proved. */
  keyId: string | null;
  name: string | null;
  ownerId: string | null;
  organizationId: string | null;
  environment: string | null;
  /** What the key may do now: its owner’s roles and its own grants together. */
  permissions: string[];
  /** Of the permissions asked for, those that the key lacks. */
  missing: string[];
  expiresAt: Date | null;
  metadata: Record<string, unknown> | null;
  tags: string[];
}
