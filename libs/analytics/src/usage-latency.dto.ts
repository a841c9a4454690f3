/** Milliseconds within which a share of the calls was answered; null when there were none. */
export class DetailedLatencyView {
  p50: number | null;
  p75: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  p999: number | null;
}

/** Calls that took from `fromMs` to below `toMs`. */
export class LatencyBinView {
  fromMs: number;
  toMs: number;
  calls: number;
}

/** How long the calls of one step took. */
export class LatencyPointView extends DetailedLatencyView {
  /** The beginning of the step; it ends where the next one begins, the last one at `to`. */
  at: Date;
  calls: number;
}

/** How long the calls of a period took. */
export class UsageLatencyView {
  from: Date;
  to: Date;
  zone: string;
  step: 'minute' | 'hour' | 'day';
  calls: number;
  /** Null without calls. */
  meanMs: number | null;
  latencyMs: DetailedLatencyView;
  /** In ascending order, without those that are empty. */
  histogram: LatencyBinView[];
  points: LatencyPointView[];
  /** False where single calls are kept no more and whole minutes, hours or days stand for them; else absent. */
  isExact?: boolean;
}
