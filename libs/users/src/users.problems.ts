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

/** Why a legacy key cannot be given to a user. */
export const LegacyKeyProblems = defineProblems('legacy_key', {
  taken: {
    status: 409,
    title: 'Another user has this legacy key',
    remedy: 'One legacy key stands for one user: find out whose it is, and leave the other row out.',
  },
  other: {
    status: 409,
    title: 'The user has another legacy key',
    remedy:
      'It is not replaced. Import the second key with `keyward keys import`: a user may have any number of those.',
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
