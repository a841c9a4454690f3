import { defineProblems } from '#libs/http';

export const ApiKeyProblems = defineProblems('api_key', {
  malformed: {
    status: 401,
    title: 'The key does not have the form of a key',
    remedy: 'Compare the key with the one you were given: a character is missing, added or changed.',
  },
  invalid: {
    status: 401,
    title: 'The key is not known',
    remedy: 'Use a key that this installation issued, or issue a new one.',
  },
  revoked: {
    status: 401,
    title: 'The key has been revoked',
    remedy: 'Issue a new key; a revoked key does not come back.',
  },
  expired: {
    status: 401,
    title: 'The key has expired',
    remedy: 'Issue a new key, or have the expiry of this one extended.',
  },
  disabled: { status: 401, title: 'The key is disabled', remedy: 'Have its owner or an administrator enable it.' },
  environmentMismatch: {
    status: 401,
    title: 'The key belongs to another environment',
    remedy: 'Use a key of the environment that this instance serves.',
  },
  addressNotAllowed: {
    status: 403,
    title: 'The key may not be used from this address',
    remedy: 'Call from an address in the key’s allow list, or have the list changed.',
  },
  hashTaken: {
    status: 409,
    title: 'The hash is that of another key',
    remedy: 'Leave the row out: what is imported stands for one key of one owner, and that key is not changed.',
  },
  alreadyRotated: {
    status: 409,
    title: 'The key has already been rotated',
    remedy: 'Use the key that replaced it, or issue a new one.',
  },
  notUsable: {
    status: 409,
    title: 'The key is not usable any more',
    remedy: 'Issue a new key instead; this one is revoked, expired or disabled.',
  },
});
