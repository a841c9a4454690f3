import type { INestApplicationContext } from '@nestjs/common';
import type { KeyOwner } from '#libs/api-keys';
import { isUuid } from '#libs/http';
import { UserRepository } from '#libs/users';
import { commandLine } from '../session.js';

/** The user with this e-mail address, in any case, or with this id. @throws Problem request.not_found */
export function findOwner(app: INestApplicationContext, owner: string): Promise<KeyOwner> {
  const users = app.get(UserRepository, { strict: false });
  return isUuid(owner) ? users.get(commandLine, owner.toLowerCase()) : users.getByEmail(commandLine, owner);
}
