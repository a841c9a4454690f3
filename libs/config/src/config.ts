import type { Variable } from './variable.js';

type Shape = Readonly<Record<string, Variable<unknown>>>;
type ValuesOf<S extends Shape> = { readonly [K in keyof S]: S[K] extends Variable<infer T> ? T : never };
type Environment = Readonly<Record<string, string | undefined>>;

/** A feature's settings as declared; read by the boot check, the diagnostics and the test of `.env.example`. */
export interface ConfigDeclaration {
  readonly subject: string;
  readonly variables: readonly Variable<unknown>[];
}

const declarations: ConfigDeclaration[] = [];

/** Every setting that any loaded feature declares. */
export function declaredConfigs(): readonly ConfigDeclaration[] {
  return declarations;
}

/** The environment holds something that is not allowed; the message lists every fault, one a line. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/** An empty string counts as absent: `PORT=` in a file means "not set". */
function read(variable: Variable<unknown>, environment: Environment): unknown {
  const raw = environment[variable.name];
  const absent = raw === undefined || raw === '';
  try {
    return absent ? variable.absent() : variable.parse(raw);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const shown = absent
      ? 'is not set'
      : variable.secret
        ? 'has a value that is not allowed'
        : `is ${JSON.stringify(raw)}`;
    throw new ConfigError([`${variable.name} ${shown}: ${why}. Allowed: ${variable.allowed}.`]);
  }
}

/**
 * A class of settings read from the environment when it is made, so that Nest injects it by its own name:
 * `class HttpConfig extends Config('http', { port: integer('PORT', ...) }) {}`.
 * @throws ConfigError naming the variable, what was read and what is allowed.
 */
export function Config<const S extends Shape>(subject: string, shape: S): new () => ValuesOf<S> {
  declarations.push({ subject, variables: Object.values(shape) });
  class Values {
    constructor() {
      for (const [key, variable] of Object.entries(shape)) {
        Object.defineProperty(this, key, { value: read(variable, process.env), enumerable: true });
      }
    }
  }
  // The loop above defines exactly the members that the shape names; the compiler cannot follow a loop.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Values as new () => ValuesOf<S>;
}

/** Reads every declared setting and reports all faults at once rather than the first. */
export function assertConfiguration(environment: Environment): void {
  const faults = declarations.flatMap(({ variables }) =>
    variables.flatMap((variable) => {
      try {
        read(variable, environment);
        return [];
      } catch (error) {
        if (error instanceof ConfigError) return error.faults;
        throw error;
      }
    }),
  );
  if (faults.length > 0) throw new ConfigError(faults);
}
