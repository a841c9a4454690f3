import { withoutSecrets } from './redaction.js';

describe('what is left of secrets in a log line', () => {
  it.each(['key', 'secret', 'password', 'authorization', 'x-api-key', 'apiKey'])('hides %s at any depth', (name) => {
    const fields = { [name]: 'kw_live_x', headers: { [name]: 'kw_live_x' }, calls: [{ at: { [name]: 'kw_live_x' } }] };
    expect(JSON.stringify(withoutSecrets(fields))).not.toContain('kw_live_x');
  });

  it('leaves everything else as it is', () => {
    const at = new Date(0);
    const err = new Error('broken');
    expect(withoutSecrets({ keyId: 'k1', at, err, none: null, list: [1, 'a', null] })).toEqual({
      keyId: 'k1',
      at,
      err,
      none: null,
      list: [1, 'a', null],
    });
  });

  it('does not change what it is given', () => {
    const fields = { nested: { secret: 's' } };
    withoutSecrets(fields);
    expect(fields).toEqual({ nested: { secret: 's' } });
  });

  it('ends with an object that contains itself', () => {
    const fields: Record<string, unknown> = { name: 'a' };
    fields.self = fields;
    expect(withoutSecrets(fields)).toMatchObject({ name: 'a', self: { name: 'a' } });
  });
});
