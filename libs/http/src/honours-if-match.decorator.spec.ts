import type { ExecutionContext } from '@nestjs/common';
import { defer, lastValueFrom, of } from 'rxjs';
import { HonoursIfMatch, honoursIfMatch } from './honours-if-match.decorator.js';
import { RequestContext } from './request-context.js';

class Pages {
  @HonoursIfMatch()
  change(this: void): void {
    // only its decorators matter here
  }
  read(this: void): void {
    // as above
  }
}

/** Runs the interceptor that the decorator puts on a route. */
async function call(headers: object, handle: (call: RequestContext) => void): Promise<unknown> {
  const handler = Pages.prototype.change;
  const request = { headers, socket: {}, context: Object.create(RequestContext.prototype) };
  const context = {
    getArgByIndex: (at: number) => [request][at],
    getClass: () => Pages,
    getHandler: () => handler,
  };
  const [Interceptor] = Reflect.getMetadata('__interceptors__', handler);
  const next = { handle: () => defer(() => of(handle(request.context))) };
  return lastValueFrom(new Interceptor().intercept(context as unknown as ExecutionContext, next));
}

describe('@HonoursIfMatch()', () => {
  it('marks a route for the documentation', () => {
    expect([honoursIfMatch(Pages.prototype.change), honoursIfMatch(Pages.prototype.read)]).toEqual([true, false]);
  });

  it('leaves a call without the header alone', async () => {
    await expect(call({}, ({ precondition }) => expect(precondition).toBeUndefined())).resolves.toBeUndefined();
  });

  it('hands the demand to the service', async () => {
    const refused = call({ 'if-match': '"3"' }, ({ precondition }) => precondition?.assertMetBy(4));
    await expect(refused).rejects.toThrow('changed since you read it');
    await expect(
      call({ 'if-match': '"3"' }, ({ precondition }) => precondition?.assertMetBy(3)),
    ).resolves.toBeUndefined();
  });

  it('fails a call whose service did not look at the demand, and names the handler', async () => {
    await expect(call({ 'if-match': '"3"' }, () => undefined)).rejects.toThrow(
      'Pages.change honours If-Match, but its service never calls principal.assertSeen(row).',
    );
  });
});
