import { definePermissions } from '#libs/access';
import { RequestProblems } from '#libs/http';
import { problemsOf, type RouteFacts } from './route-problems.js';

const { read } = definePermissions('documentation-test', { read: 'Read' });
const bare: RouteFacts = {
  access: { public: true },
  limited: false,
  declared: [],
  hasBody: false,
  hasParameters: false,
  isList: false,
  changes: false,
};
const codes = (facts: Partial<RouteFacts>, status: number): string[] =>
  (problemsOf({ ...bare, ...facts }).get(status) ?? []).map(({ code }) => code);

describe('problemsOf', () => {
  it('expects nothing of a public, unlimited route without input', () => {
    expect([...problemsOf(bare).keys()]).toEqual([]);
  });

  it('lists every way in which a credential is refused for a route that is not public', () => {
    const access = { public: false as const, required: [] };
    expect(codes({ access }, 401)).toEqual([
      'api_key.disabled',
      'api_key.environment_mismatch',
      'api_key.expired',
      'api_key.invalid',
      'api_key.malformed',
      'api_key.revoked',
      'credential.missing',
    ]);
    expect(codes({ access }, 403)).not.toContain('permission.missing');
    expect(codes({ access, limited: true }, 429)).toEqual([
      'quota.exhausted',
      'rate_limit.address',
      'rate_limit.api_key',
    ]);
  });

  it('adds permission.missing where permissions are required', () => {
    expect(codes({ access: { public: false, required: [read] } }, 403)).toContain('permission.missing');
  });

  it('adds what may be wrong with a body, a cursor and an audited change', () => {
    expect(codes({ hasBody: true }, 413)).toEqual(['request.payload_too_large']);
    expect(codes({ isList: true }, 400)).toEqual(['request.invalid_cursor']);
    expect(codes({ access: { public: false, required: [] }, changes: true }, 503)).toContain('audit.unavailable');
  });

  it('adds what the route declares itself, once', () => {
    const declared = [RequestProblems.invalid, RequestProblems.notFound];
    expect(codes({ declared, hasParameters: true }, 400)).toEqual(['request.invalid', 'request.malformed']);
    expect(codes({ declared }, 404)).toEqual(['request.not_found']);
  });
});
