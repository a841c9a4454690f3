import { Controller, Get, Post, Query } from '@nestjs/common';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { PersonalDataQuery, PersonalDataView } from './personal-data.dto.js';
import { PersonalData } from './personal-data.service.js';
import { UserPermissions } from './users.permissions.js';
import { UserProblems } from './users.problems.js';

/** What an administrator does for a person who asks what is held about them, or to be forgotten. */
@Controller('admin/users/:id')
export class PersonalDataController {
  constructor(private readonly personalData: PersonalData) {}

  /** Exports everything that is held about a user. Each section has its newest 500 entries and leads to the rest. */
  @Get('export')
  @RequirePermissions(UserPermissions.export)
  @Returns(200, PersonalDataView)
  @MayFailWith(RequestProblems.notFound, RequestProblems.invalidCursor)
  exportUser(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Query() query: PersonalDataQuery,
  ): Promise<PersonalDataView> {
    return this.personalData.exportOf(principal, id, query);
  }

  /**
   * Erases a person, also one who was deleted before: personal fields are anonymised, keys revoked, what is personal in the
   * audit log can never be read again, and addresses leave the usage records within minutes. It cannot be undone.
   */
  @Post('erase')
  @RequirePermissions(UserPermissions.erase)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AdministratorProblems.required, UserProblems.notPerson)
  eraseUser(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.personalData.erase(principal, id);
  }
}
