import { Injectable } from '@nestjs/common';
import { AuditEventRepository, AuditEventView } from '#libs/audit';
import { HoldsPersonalData, type PersonalDataHolder, type PersonalDataPart } from './personal-data.holder.js';

/** What the audit log says of a user. Its rows never change: what is personal in them is sealed, and goes with the key. */
@HoldsPersonalData()
@Injectable()
export class PersonalAuditEvents implements PersonalDataHolder {
  readonly section = 'auditEvents';

  constructor(private readonly events: AuditEventRepository) {}

  async exportOf(userId: string, limit: number, after: string | undefined): Promise<PersonalDataPart> {
    const { items, next } = await this.events.concerning(userId, { limit, after });
    return { items: items.map((event) => AuditEventView.of(event)), next };
  }

  /** Nothing to do here: the key is destroyed last, when the event of the erasure itself has been recorded. */
  async eraseOf(): Promise<void> {}
}
