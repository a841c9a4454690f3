import { Logger } from '@nestjs/common';
import type { HealthIndicatorService } from '@nestjs/terminus';
import type { Probe, ProbeDetail } from './health-probe.js';

/** A query that is answered too late counts as unanswered; see `connectionLimits`. */
const CHECK_TIMEOUT_MS = 1300;
const BELIEVED_MS = 1000;
/** A failure is believed for less: who is back is to be used again within the second. */
const FAILURE_BELIEVED_MS = 250;

/** How a probe last went. */
export interface ProbeResult {
  readonly name: string;
  readonly status: 'up' | 'degraded' | 'down';
  readonly durationMs: number;
  /** Why it failed; may name hosts and is not for the public. */
  readonly message: string | null;
  readonly detail: ProbeDetail;
}

/** One probe and its last result, shared by all who ask soon after: asking often is no way to load what it looks at. */
export class ProbeWatch {
  private readonly logger = new Logger('HealthProbe');
  private latest: ProbeResult | undefined;
  private latestAt = 0;
  private running: Promise<ProbeResult> | undefined;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(
    readonly probe: Probe,
    private readonly indicators: HealthIndicatorService,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The last result, whatever its age; undefined before the first. */
  get last(): ProbeResult | undefined {
    return this.latest;
  }

  /** A result that was not known more than a second ago; never rejects. */
  result(): Promise<ProbeResult> {
    const believedMs = this.latest?.status === 'up' ? BELIEVED_MS : FAILURE_BELIEVED_MS;
    if (this.latest !== undefined && this.now() - this.latestAt < believedMs) return Promise.resolve(this.latest);
    this.running ??= this.check().finally(() => (this.running = undefined));
    return this.running;
  }

  private async check(): Promise<ProbeResult> {
    const { name, tolerated } = this.probe;
    const startedAt = this.now();
    let detail: ProbeDetail = {};
    let cause: unknown;
    const attempt = async (): Promise<void> => {
      try {
        detail = await this.probe.check();
      } catch (error) {
        cause = error;
        throw error;
      }
    };
    const { [name]: found } = await this.indicators.check(name).attempt(attempt).withTimeout(CHECK_TIMEOUT_MS);
    const works = found?.status === 'up';
    const said: unknown = found?.message;
    const result: ProbeResult = {
      name,
      status: works ? 'up' : tolerated === true ? 'degraded' : 'down',
      durationMs: Math.round(this.now() - startedAt),
      message: works ? null : textOf(said, cause),
      detail,
    };
    this.tell(result, cause);
    this.latest = result;
    this.latestAt = this.now();
    return result;
  }

  /** Logs the turn, not every probe of a long night. */
  private tell(result: ProbeResult, err: unknown): void {
    const before = this.latest?.status ?? 'up';
    if (before === result.status) return;
    const facts = { probe: result.name, status: result.status };
    if (result.status === 'up') this.logger.log({ msg: 'Health probe recovered', ...facts });
    else this.logger.error({ msg: 'Health probe fails', ...facts, why: result.message, err });
  }
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function textOf(said: unknown, cause: unknown): string {
  if (cause instanceof Error && cause.message !== '') return cause.message;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return typeof said === 'string' ? said : 'failed without a message';
}
