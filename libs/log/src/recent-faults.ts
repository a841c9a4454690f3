/** A warning or an error as it is remembered: what was said of it, but none of its fields, which may hold anything. */
export interface Fault {
  readonly at: Date;
  readonly level: 'warn' | 'error' | 'fatal';
  /** Who logged it. */
  readonly scope: string | null;
  readonly message: string;
  /** What was thrown, in one line. */
  readonly cause: string | null;
  readonly requestId: string | null;
}

const KEPT = 50;
const MAX_TEXT = 500;

/** The last warnings and errors of this process, for whoever cannot reach its log. */
export class RecentFaults {
  private readonly kept: Fault[] = [];

  /** `message`, as a logger was given it: a text, an error, or fields with `msg`, `err` and `requestId`. */
  add(level: Fault['level'], message: unknown, scope: unknown, at: Date = new Date()): void {
    const fields = typeof message === 'object' && message !== null ? message : {};
    const err = message instanceof Error ? message : 'err' in fields ? fields.err : undefined;
    const said = message instanceof Error ? message.message : 'msg' in fields ? fields.msg : message;
    const requestId = 'requestId' in fields ? fields.requestId : undefined;
    this.kept.push({
      at,
      level,
      scope: typeof scope === 'string' ? scope : null,
      message: harmless(typeof said === 'string' ? said : 'no message'),
      cause: err instanceof Error ? harmless(describe(err)) : null,
      requestId: typeof requestId === 'string' ? requestId : null,
    });
    if (this.kept.length > KEPT) this.kept.shift();
  }

  /** Newest first; at most 50. */
  list(): readonly Fault[] {
    return this.kept.toReversed();
  }
}

/** What the loggers of this process feed. */
export const recentFaults = new RecentFaults();

function describe(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const cause = error.cause instanceof Error ? `; caused by ${error.cause.name}: ${error.cause.message}` : '';
  return `${error.name}${code}: ${error.message}${cause}`;
}

/** Cuts, and hides what looks like a password in a URL. */
function harmless(text: string): string {
  return text.replaceAll(/(\/\/[^\s:/@]*):[^\s@]*@/g, '$1:***@').slice(0, MAX_TEXT);
}
