import { types } from 'node:util';
import { Injectable } from '@nestjs/common';
import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { type ErrorTranslator, Problem, RequestProblems, TranslatesErrors } from '#libs/http';
import { DatabaseProblems } from './database.problems.js';

/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) that mean "not now": connection, resources, operator, read-only. */
const unavailableStates = /^(08...|53...|57P0\d|57014|58...|25006|25P03|3D000|28...)$/;
/** Lock not available, serialization failure, deadlock; and what a change referred to, or made, that another one was first to. */
const contendedStates = /^(55P03|40001|40P01|23503|23505)$/;
/** Integrity constraint violation. */
const integrityState = /^23...$/;
/** A value that PostgreSQL cannot hold. */
const dataStates = /^22...$/;
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;

/** Tells a client what an error of PostgreSQL, of its driver or of TypeORM means. */
@TranslatesErrors()
@Injectable()
export class DatabaseErrorTranslator implements ErrorTranslator {
  translate(error: unknown): Problem | undefined {
    const cause = driverError(error);
    if (!types.isNativeError(cause)) return undefined;
    const code = codeOf(cause);
    if (isCutOff(cause)) return new Problem(DatabaseProblems.unavailable, { retryAfter: 1, cause: error });
    if (
      unavailableStates.test(code) ||
      (isDriverFault(cause) && networkCodes.has(code)) ||
      driverMessages.test(cause.message)
    ) {
      return new Problem(DatabaseProblems.unavailable, { retryAfter: 1, cause: error });
    }
    if (contendedStates.test(code)) return new Problem(DatabaseProblems.contended, { retryAfter: 1, cause: error });
    if (dataStates.test(code)) {
      return new Problem(RequestProblems.invalid, {
        detail: 'A value is outside what can be stored.',
        cause: error,
      });
    }
    return undefined;
  }
}

/** What TypeORM says when the connection was lost between two queries of a transaction. */
function isCutOff(error: Error): boolean {
  return error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;
}

/** TypeORM wraps what the driver threw. */
function driverError(error: unknown): unknown {
  return types.isNativeError(error) && 'driverError' in error ? error.driverError : error;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A file that is missing is ENOENT too; only a failed connect counts here. */
function isDriverFault(error: Error): boolean {
  return (
    'syscall' in error && typeof error.syscall === 'string' && /^(connect|read|write|getaddrinfo)/.test(error.syscall)
  );
}

/** True when `error` says that the constraint or unique index `name` was violated. */
export function violates(error: unknown, name: string): boolean {
  const cause = driverError(error);
  return (
    cause instanceof Error && integrityState.test(codeOf(cause)) && 'constraint' in cause && cause.constraint === name
  );
}
