import { Matches } from 'class-validator';
import { grantPattern } from '#libs/access';
import { IsId } from '#libs/http';

export class ExplainPermissionQuery {
  @IsId()
  keyId: string;

  /** @example 'orders:read' */
  @Matches(grantPattern, { message: 'must be a permission such as orders:read' })
  permission: string;
}

/** Something that gives the permission. */
export class GrantSourceView {
  from: 'role' | 'user' | 'key';
  /** Id of the role, the user or the key. */
  id: string;
  /** Name of the role or the key; e-mail address of the user. */
  name: string;
  /** What it was granted that gives the permission. @example 'orders:*' */
  grant: string;
}

/** A grant that is missing. */
export class MissingGrantView {
  /** `owner`: a role of theirs, or they themselves. */
  to: 'owner' | 'key';
  id: string;
  /** @example 'orders:read' */
  permission: string;
}

/** Why a key has a permission, or what it would need to have it. */
export class GrantExplanationView {
  keyId: string;
  permission: string;
  /** Whether the grants give it. A key that is revoked, expired or disabled is refused all the same: see `status`. */
  allowed: boolean;
  /** @example 'active' */
  status: string;
  /** What gives it to the owner; the owner must hold it. */
  owner: GrantSourceView[];
  /** What gives it to the key; the key must have been granted it. */
  key: GrantSourceView[];
  /** The smallest grants that would let it pass; empty when it is allowed. */
  missing: MissingGrantView[];
}
