import type { DeliveryLoad } from '#libs/extensions';
import { counter, gauge, type Metric, type Sample } from './metric.js';

/**
 * Whether sinks keep up with what is delivered to them: `<prefix>_waiting_<unit>` and `<prefix>_dropped_<unit>_total`, for
 * each sink. `kept`: where what was dropped can still be found.
 */
export function deliveryMetrics(
  { prefix, unit, kept }: { prefix: string; unit: string; kept: string },
  loads: () => readonly DeliveryLoad[],
): readonly Metric[] {
  const labels = ['sink'] as const;
  const samples = (value: (load: DeliveryLoad) => number): Sample<'sink'>[] =>
    loads().map((load) => ({ labels: { sink: load.to }, value: value(load) }));
  return [
    gauge(
      { name: `${prefix}_waiting_${unit}`, help: `So many ${unit} wait in memory for a sink to take them`, labels },
      () => samples(({ waiting }) => waiting),
    ),
    counter(
      {
        name: `${prefix}_dropped_${unit}_total`,
        help: `So many ${unit} a sink was not told of, as too many waited for it; ${kept} has them`,
        labels,
      },
      () => samples(({ dropped }) => dropped),
    ),
  ];
}
