/** One thing that may go wrong, as clients know it: `code` is the contract, the prose is not. */
export interface ProblemDefinition {
  /** `<subject>.<what>` */
  readonly code: string;
  readonly status: number;
  /** The same for every occurrence (RFC 9457, title). */
  readonly title: string;
  /** What the reader of the documentation page should do about it. */
  readonly remedy: string;
}

/** One fault in the input: a JSON pointer into the body, or `/name` of a query or path parameter. */
export interface InputFault {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions {
  /** What happened this time; never a secret, SQL or a stack. */
  detail?: string;
  errors?: readonly InputFault[];
  /** Further members of the problem document, such as `required` and `missing`. */
  members?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
  /** Seconds until a retry may succeed; sent as Retry-After. */
  retryAfter?: number;
  cause?: unknown;
  /** What truly happened, for observers and records; never sent to the client. */
  reason?: string;
}

/** An expected failure; the problem filter answers it as application/problem+json (RFC 9457). */
export class Problem extends Error {
  readonly errors: readonly InputFault[] | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;

  constructor(
    readonly definition: ProblemDefinition,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? definition.title, { cause: options.cause });
    this.name = 'Problem';
    this.errors = options.errors;
    this.members = options.members ?? {};
    this.reason = options.reason ?? definition.code;
    this.headers =
      options.retryAfter === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'Retry-After': String(Math.max(1, Math.ceil(options.retryAfter))) };
  }

  get code(): string {
    return this.definition.code;
  }

  get status(): number {
    return this.definition.status;
  }
}

const catalogue = new Map<string, ProblemDefinition>();

/** Every problem that any loaded feature declares, by code. */
export function problemCatalogue(): ReadonlyMap<string, ProblemDefinition> {
  return catalogue;
}

type Declared<S extends string, T> = {
  readonly [K in keyof T]: ProblemDefinition & { readonly code: `${S}.${string}` };
};

/**
 * Declares what may go wrong in a feature; a camelCase member `alreadyRotated` has the code `<subject>.already_rotated`.
 * @throws Error when a code is declared twice.
 */
export function defineProblems<const S extends string, const T extends Record<string, Omit<ProblemDefinition, 'code'>>>(
  subject: S,
  problems: T,
): Declared<S, T> {
  const entries = Object.entries(problems).map(([member, problem]) => {
    const code = `${subject}.${member.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    if (catalogue.has(code)) throw new Error(`The problem ${code} is declared twice.`);
    const definition = { code, ...problem };
    catalogue.set(code, definition);
    return [member, definition];
  });
  // One entry was made for each member of `problems`, under its own name.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as Declared<S, T>;
}
