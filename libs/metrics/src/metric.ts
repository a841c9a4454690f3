import { Counter, Gauge, Histogram, type Metric } from 'prom-client';

export type { Metric };

/** One value of a metric. */
export interface Sample<L extends string> {
  /** Each of few values, and never one that a client made up: every combination is kept for ever by who scrapes it. */
  readonly labels?: Readonly<Record<L, string>>;
  readonly value: number;
}

/** `name` begins with `keyward_` and ends in its unit, that of a counter in `_total` (prometheus.io/docs/practices/naming). */
export interface MetricDescription<L extends string> {
  readonly name: string;
  /** What it counts or measures, in one sentence. */
  readonly help: string;
  readonly labels?: readonly L[];
}

/** Answers within two seconds whatever hangs: metrics are needed most when the database does. */
type Read<L extends string> = () => Samples<L> | Promise<Samples<L>>;
type Samples<L extends string> = readonly Sample<L>[] | number;

/** What goes up and down, read at every scrape. */
export function gauge<L extends string>({ name, help, labels = [] }: MetricDescription<L>, read: Read<L>): Metric {
  return new Gauge({
    name,
    help,
    labelNames: labels,
    registers: [],
    async collect() {
      for (const sample of await renewed(this, read)) this.set(sample.labels ?? {}, sample.value);
    },
  });
}

/** What has been counted since the start, read at every scrape. */
export function counter<L extends string>({ name, help, labels = [] }: MetricDescription<L>, read: Read<L>): Metric {
  return new Counter({
    name,
    help,
    labelNames: labels,
    registers: [],
    async collect() {
      for (const sample of await renewed(this, read)) this.inc(sample.labels ?? {}, sample.value);
    },
  });
}

/** What is observed one by one and counted up to each of `bounds`. */
export function histogram<L extends string>(
  { name, help, labels = [] }: MetricDescription<L>,
  bounds: readonly number[],
): Histogram<L> {
  return new Histogram({ name, help, labelNames: labels, buckets: [...bounds], registers: [] });
}

/** What a metric is to hold, which has forgotten what it held. */
async function renewed<L extends string>(metric: { reset(): void }, read: Read<L>): Promise<readonly Sample<L>[]> {
  const found = await read();
  metric.reset();
  return typeof found === 'number' ? [{ value: found }] : found;
}
