import { defineProblems } from '#libs/http';

export const CredentialProblems = defineProblems('credential', {
  missing: {
    status: 401,
    title: 'No credential was sent',
    remedy: 'Send your API key as `X-API-Key: <key>` or `Authorization: Bearer <key>`.',
  },
});

export const AccessProblems = defineProblems('permission', {
  missing: {
    status: 403,
    title: 'A permission is missing',
    remedy:
      'The roles of the key’s owner and the key itself must both grant every permission in `required`; `missing` lists those that are not given.',
  },
  escalation: {
    status: 403,
    title: 'Nobody grants what they do not hold',
    remedy: 'Leave out the grants listed in `missing`, or have somebody do it who holds them.',
  },
  unknown: {
    status: 400,
    title: 'There is no such permission',
    remedy: 'GET /api/v1/admin/permissions lists all permissions; grants may also be `<subject>:*` or `*`.',
  },
});
