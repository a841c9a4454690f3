import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { type SeriesRows, UsageAggregates } from './usage-aggregates.read-model.js';
import { UsageNames } from './usage-names.read-model.js';
import type { UsageSeriesQuery } from './usage-query.dto.js';
import type { SeriesRow } from './usage-question.js';
import type { UsageSelection } from './usage-selector.js';
import { UsageLineView, UsagePointView, UsageSeriesView } from './usage-series.dto.js';
import { boundariesOf } from './usage-steps.js';
import { exactness, LatencyView, sumsOf } from './usage.dto.js';

/** Calls step by step, of all or of each group. */
@Injectable()
export class UsageSeries {
  constructor(
    private readonly usage: UsageAggregates,
    private readonly names: UsageNames,
  ) {}

  /** @throws Problem request.invalid when the period has too many steps */
  async trace(
    principal: Principal,
    { period, filter, zone }: UsageSelection,
    { step, groupBy, groups }: UsageSeriesQuery,
  ): Promise<UsageSeriesView> {
    const boundaries = boundariesOf(period, step, zone);
    // at one moment, so that no call is in a group and not in the whole
    return this.usage.atOneMoment(async () => {
      const all = await this.usage.series(boundaries, filter);
      const whole = lineOf(boundaries, all);
      const lines: UsageLineView[] = [];
      if (groupBy !== undefined) {
        const top = await this.usage.ranked(period, filter, groupBy, { limit: groups, order: 'calls' });
        const { rows, ...exact } = await this.usage.series(boundaries, filter, { by: groupBy, among: top });
        const named = await this.names.name(
          principal,
          groupBy,
          top.filter(({ value }) => value !== null),
        );
        for (const group of named) {
          const ofGroup = rows.filter(({ value }) => value === group.value);
          lines.push(Object.assign(lineOf(boundaries, { rows: ofGroup, ...exact }), { group }));
        }
      }
      const others = rest(whole, lines);
      return Object.assign(new UsageSeriesView(), {
        ...period,
        zone: zone.name,
        step,
        groupBy: groupBy ?? null,
        ...exactness([all]),
        series: groupBy === undefined || others.calls !== 0 ? [...lines, others] : lines,
      });
    });
  }
}

function lineOf(boundaries: readonly Date[], found: SeriesRows): UsageLineView {
  const ofStep = new Map(found.rows.map((row) => [row.step, row]));
  const points = boundaries
    .slice(0, -1)
    .map((at, step) => Object.assign(point(at, ofStep.get(step)), exactness([found])));
  return Object.assign(new UsageLineView(), { group: null, calls: total(points), points });
}

const none = { calls: 0, errors: 0, clientErrors: 0, serverErrors: 0, bytes: 0 };
const unknown = { p50: null, p95: null, p99: null };

function point(at: Date, row: SeriesRow | undefined): UsagePointView {
  const latencyMs = Object.assign(new LatencyView(), unknown);
  return Object.assign(new UsagePointView(), { at }, row === undefined ? { ...none, latencyMs } : sumsOf(row));
}

/** What is in the whole and in none of the parts. */
function rest(whole: UsageLineView, parts: readonly UsageLineView[]): UsageLineView {
  if (parts.length === 0) return whole;
  const points = whole.points.map((all, step) => {
    const left = Object.assign(new UsagePointView(), all, { latencyMs: Object.assign(new LatencyView(), unknown) });
    for (const { points: part } of parts) subtract(left, part[step]);
    return left;
  });
  return Object.assign(new UsageLineView(), { group: null, calls: total(points), points });
}

function subtract(left: UsagePointView, part: UsagePointView | undefined): void {
  if (part === undefined) return;
  left.calls -= part.calls;
  left.errors -= part.errors;
  left.clientErrors -= part.clientErrors;
  left.serverErrors -= part.serverErrors;
  left.bytes -= part.bytes;
}

function total(points: readonly UsagePointView[]): number {
  return points.reduce((sum, { calls }) => sum + calls, 0);
}
