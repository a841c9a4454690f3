import { rateLimitHeaders } from './rate-limit.headers.js';

describe('the RateLimit fields', () => {
  it('name the limit, its quota and window, what is left and when it begins again', () => {
    expect(rateLimitHeaders('key', { limit: 100, windowSeconds: 60 }, { hits: 50, endsInMs: 29_001 })).toEqual({
      'RateLimit-Policy': '"key";q=100;w=60',
      RateLimit: '"key";r=50;t=30',
    });
  });

  it('never tell of less than nothing left', () => {
    expect(rateLimitHeaders('address', { limit: 1, windowSeconds: 1 }, { hits: 2, endsInMs: 0.5 }).RateLimit).toBe(
      '"address";r=0;t=1',
    );
  });
});
