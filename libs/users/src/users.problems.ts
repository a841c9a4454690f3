import { defineProblems } from '#libs/http';

export const UserProblems = defineProblems('user', {
  emailTaken: {
    status: 409,
    title: 'Another user has this e-mail address',
    remedy: 'Use another address; upper and lower case do not tell addresses apart.',
  },
  notPerson: {
    status: 409,
    title: 'A service account is no person',
    remedy: 'It has no e-mail address and no personal data to erase; delete it to be rid of it.',
  },
});

/** Why the owner of a credential may not call. */
export const AccountProblems = defineProblems('account', {
  locked: {
    status: 403,
    title: 'The account is locked',
    remedy: 'Wait until `until`, or ask an administrator to unlock it.',
  },
});
