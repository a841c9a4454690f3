import fc from 'fast-check';
import { RequestValidationPipe } from '#libs/http';
import { ChangeApiKeyRequest, IssueApiKeyRequest } from './api-keys.dto.js';

const pipe = new RequestValidationPipe();
const issue = (body: object): Promise<unknown> => pipe.transform(body, { type: 'body', metatype: IssueApiKeyRequest });
const change = (body: object): Promise<unknown> =>
  pipe.transform(body, { type: 'body', metatype: ChangeApiKeyRequest });

/** Names that every object has are refused when the body is read. */
const memberNames = fc
  .oneof(fc.string({ maxLength: 8 }), fc.constantFrom('then', 'toJSON', 'name', 'length', 'equals', 'inspect'))
  .filter((name) => !(name in {}));
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.string({ maxLength: 8 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(memberNames, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const metadata = fc
  .dictionary(memberNames, json, { maxKeys: 4, noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as object);

describe('a request for a key', () => {
  it('keeps metadata as it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(metadata, async (sent) => {
        expect(await issue({ name: 'n', metadata: sent })).toHaveProperty('metadata', sent);
        expect(await change({ metadata: sent })).toHaveProperty('metadata', sent);
      }),
      { numRuns: 300 },
    );
  });

  it('measures metadata in bytes of JSON, not in characters', async () => {
    await expect(issue({ name: 'n', metadata: { t: 'é'.repeat(4092) } })).resolves.toBeDefined();
    await expect(issue({ name: 'n', metadata: { t: 'é'.repeat(4093) } })).rejects.toMatchObject({
      code: 'request.invalid',
    });
  });

  it('tells of every fault at once, each with its pointer', async () => {
    const faults = issue({ name: '', rateLimit: { limit: 0 }, tags: [1], unknown: true });
    await expect(faults).rejects.toMatchObject({
      errors: expect.arrayContaining(
        ['/name', '/rateLimit/limit', '/rateLimit/windowSeconds', '/tags', '/unknown'].map((pointer) =>
          expect.objectContaining({ pointer }),
        ),
      ),
    });
  });

  it('distinguishes what is absent from what is null', async () => {
    expect(
      Object.keys((await change({ description: null })) as object).filter((field) => field === 'description'),
    ).toEqual(['description']);
    expect(await change({})).toMatchObject({});
    await expect(change({ name: null })).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
