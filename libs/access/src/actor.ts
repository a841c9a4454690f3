/** Who does something and from where, as the audit log keeps it. */
export interface Actor {
  readonly kind: 'api_key' | 'system';
  /** For the system: which part of it. */
  readonly name: string | null;
  readonly userId: string | null;
  readonly keyId: string | null;
  readonly organizationId: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}
