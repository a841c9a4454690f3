import { Body, Controller, Delete, Get, Patch, Query } from '@nestjs/common';
import { Authenticated, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, MayFailWith, Problem, RequestProblems, Returns } from '#libs/http';
import { AdministratorProblems } from '#libs/permissions';
import { PersonalDataQuery, PersonalDataView } from './personal-data.dto.js';
import { PersonalData } from './personal-data.service.js';
import { ChangeProfileRequest, UserView } from './users.dto.js';
import { ProfilePermissions } from './users.permissions.js';
import { UserProblems } from './users.problems.js';
import { UsersService } from './users.service.js';

@Controller('profile')
export class ProfileController {
  constructor(
    private readonly users: UsersService,
    private readonly personalData: PersonalData,
  ) {}

  /** Reads one’s own user. */
  @Get()
  @Authenticated()
  @Returns(200, UserView)
  read(@CurrentPrincipal() principal: Principal): Promise<UserView> {
    return this.users.read(principal, ownId(principal));
  }

  /** Changes one’s own user. */
  @Patch()
  @RequirePermissions(ProfilePermissions.update)
  @Returns(200, UserView)
  @HonoursIfMatch()
  change(@CurrentPrincipal() principal: Principal, @Body() request: ChangeProfileRequest): Promise<UserView> {
    return this.users.change(principal, ownId(principal), request);
  }

  /** Exports everything that is held about oneself. Each section has its newest 500 entries and leads to the rest. */
  @Get('export')
  @RequirePermissions(ProfilePermissions.export)
  @Returns(200, PersonalDataView)
  @MayFailWith(RequestProblems.invalidCursor)
  exportProfile(
    @CurrentPrincipal() principal: Principal,
    @Query() query: PersonalDataQuery,
  ): Promise<PersonalDataView> {
    return this.personalData.exportOf(principal, ownId(principal), query);
  }

  /**
   * Erases oneself: personal fields are anonymised, all keys revoked, the one of this call included, what is personal in the
   * audit log can never be read again, and addresses leave the usage records within minutes. It cannot be undone.
   */
  @Delete()
  @RequirePermissions(ProfilePermissions.delete)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(AdministratorProblems.required, UserProblems.notPerson)
  eraseProfile(@CurrentPrincipal() principal: Principal): Promise<void> {
    return this.personalData.erase(principal, ownId(principal));
  }
}

/** @throws Problem request.not_found for a principal that is no user */
function ownId(principal: Principal): string {
  if (principal.userId === null)
    throw new Problem(RequestProblems.notFound, { detail: 'The credential belongs to no user.' });
  return principal.userId;
}
