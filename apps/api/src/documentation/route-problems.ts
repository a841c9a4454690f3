import { AccessProblems, CredentialProblems, type RouteAccess } from '#libs/access';
import { UsageProblems } from '#libs/analytics';
import { ApiKeyProblems } from '#libs/api-keys';
import { AuditProblems } from '#libs/audit';
import { DatabaseProblems } from '#libs/database';
import { type ProblemDefinition, RequestProblems } from '#libs/http';
import { OrganizationProblems } from '#libs/organizations';
import { QuotaProblems, RateLimitProblems } from '#libs/security';
import { AccountProblems } from '#libs/users';

/** The facts that decide how a route may fail before its handler runs. */
export interface RouteFacts {
  readonly access: RouteAccess;
  readonly limited: boolean;
  readonly declared: readonly ProblemDefinition[];
  readonly hasBody: boolean;
  /** Whether it takes anything from the path or the query. */
  readonly hasParameters: boolean;
  readonly isList: boolean;
  /** Whether it changes something, and so writes to the audit log. */
  readonly changes: boolean;
}

const body = [
  RequestProblems.malformed,
  RequestProblems.invalid,
  RequestProblems.payloadTooLarge,
  RequestProblems.unsupportedMediaType,
];
const parameters = [RequestProblems.malformed, RequestProblems.invalid];
/** A query parameter that is none; public pages take any. */
const unknownParameter = [RequestProblems.invalid];
const credential = [
  RequestProblems.ambiguousCredential,
  CredentialProblems.missing,
  ...Object.values(ApiKeyProblems).filter(({ status }) => status === 401),
  ApiKeyProblems.addressNotAllowed,
  AccountProblems.locked,
  OrganizationProblems.suspended,
  RateLimitProblems.apiKey,
  QuotaProblems.exhausted,
  DatabaseProblems.unavailable,
  UsageProblems.unavailable,
];
const change = [DatabaseProblems.contended, AuditProblems.unavailable];

/** Every problem that the steps of the request pipeline and the route itself may answer, by status and then by code. */
export function problemsOf(facts: RouteFacts): ReadonlyMap<number, readonly ProblemDefinition[]> {
  const { access, declared, limited, hasBody, hasParameters, isList, changes } = facts;
  const all = new Set([
    ...(limited ? [RateLimitProblems.address] : []),
    ...(access.public ? [] : credential),
    ...(access.public || access.required.length === 0 ? [] : [AccessProblems.missing]),
    ...(hasBody ? body : []),
    ...(hasParameters ? parameters : []),
    ...(access.public ? [] : unknownParameter),
    ...(isList ? [RequestProblems.invalidCursor] : []),
    ...(changes && !access.public ? change : []),
    ...declared,
  ]);
  const byStatus = new Map<number, ProblemDefinition[]>();
  for (const problem of [...all].toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code))) {
    const others = byStatus.get(problem.status);
    if (others === undefined) byStatus.set(problem.status, [problem]);
    else others.push(problem);
  }
  return byStatus;
}
