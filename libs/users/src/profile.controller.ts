import { Body, Controller, Get, Patch } from '@nestjs/common';
import { Authenticated, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { Problem, RequestProblems, Returns } from '#libs/http';
import { ChangeProfileRequest, UserView } from './users.dto.js';
import { ProfilePermissions } from './users.permissions.js';
import { UsersService } from './users.service.js';

@Controller('profile')
export class ProfileController {
  constructor(private readonly users: UsersService) {}

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
  change(@CurrentPrincipal() principal: Principal, @Body() request: ChangeProfileRequest): Promise<UserView> {
    return this.users.change(principal, ownId(principal), request);
  }
}

/** @throws Problem request.not_found for a principal that is no user */
function ownId(principal: Principal): string {
  if (principal.userId === null)
    throw new Problem(RequestProblems.notFound, { detail: 'The credential belongs to no user.' });
  return principal.userId;
}
