import { credentialOf } from './credential.js';

describe('the credential of a request', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['nothing', {}, undefined],
    ['an empty X-API-Key', { 'x-api-key': '' }, undefined],
    ['X-API-Key', { 'x-api-key': 'key' }, 'key'],
    ['Bearer', { authorization: 'Bearer token' }, 'token'],
    ['Bearer in another case with more spaces', { authorization: 'bEARER   token' }, 'token'],
    ['Bearer without a token', { authorization: 'Bearer' }, undefined],
    ['another scheme', { authorization: 'Basic dXNlcg==' }, undefined],
    ['a scheme that only begins like Bearer', { authorization: 'Bearers token' }, undefined],
    ['both and the same', { 'x-api-key': 'key', authorization: 'Bearer key' }, 'key'],
    ['X-API-Key beside another scheme', { 'x-api-key': 'key', authorization: 'Basic dXNlcg==' }, 'key'],
    ['an empty X-API-Key beside Bearer', { 'x-api-key': '', authorization: 'Bearer token' }, 'token'],
  ])('is read from %s', (_, headers, credential) => {
    expect(credentialOf({ headers, rawHeaders: Object.entries(headers).flat() })).toBe(credential);
  });

  it('is ambiguous when two different ones were sent', () => {
    const headers = { 'x-api-key': 'one', authorization: 'Bearer other' };
    expect(() => credentialOf({ headers, rawHeaders: Object.entries(headers).flat() })).toThrow(
      expect.objectContaining({ code: 'request.ambiguous_credential', status: 400 }),
    );
  });

  it('is ambiguous in two Authorization fields, unless they are the same', () => {
    const headers = { authorization: 'Bearer one' }; // as Node has it: the first
    const sent = (...values: string[]) => ({
      headers,
      rawHeaders: ['Host', 'x', ...values.flatMap((value) => ['AUTHORIZATION', value])],
    });
    expect(() => credentialOf(sent('Bearer one', 'Bearer other'))).toThrow(
      expect.objectContaining({ code: 'request.ambiguous_credential' }),
    );
    expect(credentialOf(sent('Bearer one', 'Bearer one'))).toBe('one');
  });
});
