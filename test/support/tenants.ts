import { randomUUID } from 'node:crypto';
import type { Answer, TestApp } from './test-app.js';

/** A second organization, made by SQL. Returns its id. */
export async function organization(app: TestApp, slug: string): Promise<string> {
  const id = randomUUID();
  await app.sql('insert into organizations (id, slug, name) values ($1, $2, $2)', [id, slug]);
  return id;
}

/** A role of the installation that does not reach over organizations, made by SQL. */
export async function customRole(app: TestApp, name: string, grants: readonly string[]): Promise<void> {
  await app.sql('insert into roles (id, name, grants) values ($1, $2, $3)', [randomUUID(), name, grants]);
}

const ofTheCall = new Set(['date', 'x-request-id', 'ratelimit', 'content-length']);

/** All that a client can tell answers apart by, but for what belongs to the single call; `id` is what it asked for. */
export function comparable({ status, headers, text }: Answer, id: string): object {
  const kept = [...headers].filter(([name]) => !ofTheCall.has(name)).map(([name, value]) => `${name}: ${value}`);
  const body = text.replaceAll(id, '<id>').replaceAll(headers.get('x-request-id') ?? '', '<request>');
  return { status, headers: kept, body };
}
