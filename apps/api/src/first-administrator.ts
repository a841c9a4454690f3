import { Principal } from '#libs/access';
import type { AdministratorCreator, CreatedAdministrator } from '#libs/api-keys';

const EMAIL = 'admin@keyward.local';

/** On an empty database, the administrator from whom everything else is made. */
export function createFirstAdministrator(creator: AdministratorCreator): Promise<CreatedAdministrator | undefined> {
  return creator.createFirst(Principal.system('first start'), EMAIL);
}

/** What a person needs to begin; the key is in nobody's hands but theirs. */
export function welcome(url: string, administrator: CreatedAdministrator | undefined): string {
  const shown =
    administrator === undefined
      ? []
      : [
          `  admin key (shown once): ${administrator.key}`,
          '',
          `  curl -H 'X-API-Key: ${administrator.key}' ${url}/api/v1/api-keys/current`,
          '',
        ];
  return [
    '',
    `  Keyward is ready at ${url}`,
    ...shown,
    `  API documentation: ${url}/docs and ${url}/redoc`,
    '',
    '',
  ].join('\n');
}
