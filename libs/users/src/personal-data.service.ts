import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Principal } from '#libs/access';
import { AuditLog, PersonalValues } from '#libs/audit';
import { Database } from '#libs/database';
import { invalid, Problem } from '#libs/http';
import { AccessChanges, Administrators } from '#libs/permissions';
import {
  EXPORT_LIMIT,
  type PersonalDataQuery,
  type PersonalDataSection,
  PersonalDataView,
} from './personal-data.dto.js';
import { HoldsPersonalData, type PersonalDataHolder } from './personal-data.holder.js';
import { UserRemoval } from './user-removal.js';
import { UserRepository } from './user.repository.js';
import { UserProblems } from './users.problems.js';
import { UsersService } from './users.service.js';

/** Tells a person everything that is held about them, and forgets them. */
@Injectable()
export class PersonalData implements OnModuleInit {
  private holders: readonly PersonalDataHolder[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly users: UserRepository,
    private readonly service: UsersService,
    private readonly removal: UserRemoval,
    private readonly administrators: Administrators,
    private readonly access: AccessChanges,
    private readonly audit: AuditLog,
    private readonly values: PersonalValues,
    private readonly database: Database,
  ) {}

  /** @throws Error when two features hold a section of the same name */
  onModuleInit(): void {
    this.holders = HoldsPersonalData.collect(this.discovery).toSorted((a, b) => a.section.localeCompare(b.section));
    const twice = this.holders.find(({ section }, index) => this.holders[index - 1]?.section === section);
    if (twice !== undefined) throw new Error(`Two features hold the personal data "${twice.section}": rename one.`);
  }

  /** @throws Problem request.not_found, request.invalid for a section that does not exist */
  async exportOf(principal: Principal, id: string, query: PersonalDataQuery): Promise<PersonalDataView> {
    const user = await this.service.read(principal, id);
    const sections: Record<string, PersonalDataSection> = {};
    for (const holder of this.asked(query))
      sections[holder.section] = await holder.exportOf(id, EXPORT_LIMIT, query.after);
    return Object.assign(new PersonalDataView(), { exportedAt: await this.database.time(), user, sections });
  }

  /**
   * Removes the user, who may have been deleted before, and everything personal with them. What is left are ids: rows that
   * refer to somebody unknown, and an audit log whose personal values nobody can open any more.
   * @throws Problem request.not_found, user.not_person, permission.escalation, administrator.required
   */
  async erase(principal: Principal, id: string): Promise<void> {
    await this.users.getErasable(principal, id); // the guard locks whomever it is told of
    await this.administrators.guard(id, async () => {
      const user = await this.users.getForErasure(principal, id);
      principal.assertSeen(user);
      if (user.kind === 'service') throw new Problem(UserProblems.notPerson);
      await this.administrators.assertManagedBy(principal, id);
      const now = await this.database.time();
      user.erase(now);
      await this.users.save(user, now);
      await this.removal.removed(principal, id, now);
      this.access.publish({ userId: id });
      for (const holder of this.holders) await holder.eraseOf(id);
      await this.audit.record({
        actor: principal,
        action: 'user.erased',
        target: { type: 'user', id },
        organizationId: user.organizationId,
      });
      await this.values.shred(id);
    });
  }

  private asked({ section, after }: PersonalDataQuery): readonly PersonalDataHolder[] {
    const names = this.holders.map((holder) => holder.section).join(', ');
    if (section === undefined) {
      if (after === undefined) return this.holders;
      throw invalid([{ pointer: '/section', detail: `must be given with after: one of ${names}` }]);
    }
    const asked = this.holders.filter((holder) => holder.section === section);
    if (asked.length > 0) return asked;
    throw invalid([{ pointer: '/section', detail: `must be one of ${names}` }]);
  }
}
