import { defineProblems } from '#libs/http';

export const RateLimitProblems = defineProblems('rate_limit', {
  address: {
    status: 429,
    title: 'Too many calls from this address',
    remedy:
      'Wait for the time in Retry-After. For the operator: KEYWARD_ADDRESS_LIMIT, and TRUSTED_PROXIES when all callers share one proxy.',
  },
  apiKey: {
    status: 429,
    title: 'Too many calls with this key',
    remedy: 'Wait for the time in Retry-After; the RateLimit headers of every answer tell how much is left.',
  },
});

export const QuotaProblems = defineProblems('quota', {
  exhausted: {
    status: 429,
    title: 'The quota of this key is used up',
    remedy: 'Wait until `resetsAt`, or have the quota of the key raised.',
  },
});

export const SecurityEventProblems = defineProblems('security_event', {
  resolved: {
    status: 409,
    title: 'The security event is resolved',
    remedy: 'A resolved event stays resolved; only its note can be changed. What happens again becomes a new event.',
  },
});
