import type { Logger } from '@nestjs/common';

/** A log line as fields; `err` is what was thrown, `msg` a constant. */
interface FaultLine extends Readonly<Record<string, unknown>> {
  readonly msg: string;
  readonly err?: unknown;
}

/** A kind of fault within its current window. */
interface Repetition {
  times: number;
  last: FaultLine;
}

const TOLD_EVERY_MS = 5000;
/** Kinds are places in the code, so there are few; whatever is beyond this many counts as one kind. */
const MOST_KINDS = 100;
const ANY_OTHER = 'any other';

/**
 * Keeps an outage from becoming a storm of log lines: the first fault of a kind is written in full, those that follow are
 * counted and told of in one line every 5 s, until 5 s pass without any.
 */
export class RepeatedLines {
  private readonly repetitions = new Map<string, Repetition>();
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly logger: Pick<Logger, 'warn' | 'error'>) {}

  warn(line: FaultLine, subject = ''): void {
    this.write('warn', line, subject);
  }

  /** `subject`: what sets kinds apart beside message and error, such as the code of a problem or the name of a plug-in. */
  error(line: FaultLine, subject = ''): void {
    this.write('error', line, subject);
  }

  /** Tells of what has been counted; call it before the process ends. */
  flush(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const repetition of this.repetitions.values()) this.summarize('warn', repetition);
    this.timers.clear();
    this.repetitions.clear();
  }

  private write(level: 'warn' | 'error', line: FaultLine, subject: string): void {
    const own = `${line.msg} ${subject} ${kindOf(line.err)}`;
    const kind = this.repetitions.has(own) || this.repetitions.size < MOST_KINDS ? own : ANY_OTHER;
    const repetition = this.repetitions.get(kind);
    if (repetition !== undefined) {
      repetition.times += 1;
      repetition.last = line;
      return;
    }
    this.logger[level](line);
    this.repetitions.set(kind, { times: 0, last: line });
    this.watch(level, kind);
  }

  private watch(level: 'warn' | 'error', kind: string): void {
    this.timers.set(kind, setTimeout(() => this.endWindow(level, kind), TOLD_EVERY_MS).unref());
  }

  private endWindow(level: 'warn' | 'error', kind: string): void {
    const repetition = this.repetitions.get(kind);
    if (repetition === undefined || repetition.times === 0) {
      this.repetitions.delete(kind);
      this.timers.delete(kind);
      return;
    }
    this.summarize(level, repetition);
    repetition.times = 0;
    this.watch(level, kind);
  }

  private summarize(level: 'warn' | 'error', { times, last }: Repetition): void {
    if (times === 0) return;
    const { msg, err: _, ...facts } = last;
    this.logger[level]({ msg: 'The same fault again; the first was written in full', fault: msg, times, last: facts });
  }
}

/** The same for the same fault at the same place, whatever its message names. */
function kindOf(err: unknown): string {
  if (!(err instanceof Error)) return typeof err;
  const code = 'code' in err ? String(err.code) : '';
  const place = err.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '';
  return `${err.name} ${code} ${place}`;
}
