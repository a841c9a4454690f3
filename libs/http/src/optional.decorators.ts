import { ValidateIf } from 'class-validator';

/** The field may be absent, but not null (class-validator's IsOptional lets null through). */
export function Optional(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

/** The field may be absent (keep) or null (clear), as merge patches have it (RFC 7396). */
export function Clearable(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined && value !== null);
}
