/** One environment variable: its name, what it means, what it may hold. */
export interface Variable<T> {
  readonly name: string;
  /** What the variable decides, for `.env.example` and the diagnostics page. */
  readonly about: string;
  /** What may be written, in words; part of every refusal. */
  readonly allowed: string;
  /** The default as it would be written in the environment; undefined when there is none. */
  readonly fallback: string | undefined;
  /** True when the value must never be shown. */
  readonly secret: boolean;
  /** @throws Error when `raw` is not allowed; the message may add a reason. */
  parse(raw: string): T;
  /** The value when the variable is absent. */
  absent(): T;
}

export interface VariableOptions<T> {
  about: string;
  fallback?: string;
  secret?: boolean;
  allowed?: string;
  /** Extra check; returns what is wrong, or undefined. */
  check?: (value: T) => string | undefined;
}

class NotAllowed extends Error {}

function variable<T>(
  name: string,
  allowed: string,
  options: VariableOptions<T>,
  parse: (raw: string) => T,
): Variable<T> {
  const checked = (raw: string): T => {
    const value = parse(raw);
    const wrong = options.check?.(value);
    if (wrong !== undefined) throw new NotAllowed(wrong);
    return value;
  };
  const { fallback } = options;
  return {
    name,
    about: options.about,
    allowed: options.allowed ?? allowed,
    fallback,
    secret: options.secret ?? false,
    parse: checked,
    absent: () => {
      if (fallback === undefined) throw new NotAllowed('it is required');
      return checked(fallback);
    },
  };
}

/** The same variable, but undefined when it is absent. */
export function optional<T>(required: Variable<T>): Variable<T | undefined> {
  return { ...required, absent: () => undefined };
}

export function text(name: string, options: VariableOptions<string>): Variable<string> {
  return variable(name, 'any text', options, (raw) => raw);
}

export function integer(
  name: string,
  options: VariableOptions<number> & { min: number; max: number },
): Variable<number> {
  return variable(name, `a whole number from ${options.min} to ${options.max}`, options, (raw) => {
    const value = Number(raw);
    if (!/^-?\d+$/.test(raw)) throw new NotAllowed('not a whole number');
    if (value < options.min || value > options.max) throw new NotAllowed('out of range');
    return value;
  });
}

export function choice<const C extends string>(
  name: string,
  choices: readonly C[],
  options: VariableOptions<C>,
): Variable<C> {
  return variable(name, `one of ${choices.join(', ')}`, options, (raw) => {
    const found = choices.find((candidate) => candidate === raw);
    if (found === undefined) throw new NotAllowed('not one of them');
    return found;
  });
}

/** A comma-separated list; empty entries are dropped. */
export function list(name: string, options: VariableOptions<readonly string[]>): Variable<readonly string[]> {
  return variable(name, 'a comma-separated list', options, (raw) =>
    raw
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
}

/** How many in how long; undefined means there is no limit. */
export interface Rate {
  limit: number;
  windowSeconds: number;
}

/** `<limit>/<seconds>` or `off`. */
export function rate(name: string, options: VariableOptions<Rate | undefined>): Variable<Rate | undefined> {
  return variable(name, '<limit>/<seconds> such as 600/60, or off', options, (raw) => {
    if (raw === 'off') return undefined;
    const [, limit, seconds] = /^([1-9]\d{0,8})\/([1-9]\d{0,6})$/.exec(raw) ?? [];
    if (limit === undefined || seconds === undefined) throw new NotAllowed('not of that form');
    return { limit: Number(limit), windowSeconds: Number(seconds) };
  });
}
