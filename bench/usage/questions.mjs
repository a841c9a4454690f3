// The questions of the analytics, each put to the class that answers its route in the application.
import { DataSource } from 'typeorm';
import { Database, dataSourceOptions, PreparedSql } from '#libs/database';
import { TimeZone } from '../../dist/libs/analytics/src/time-zone.js';
import { UsageAggregates } from '../../dist/libs/analytics/src/usage-aggregates.read-model.js';
import { UsageLatency } from '../../dist/libs/analytics/src/usage-latency.js';
import { UsageNames } from '../../dist/libs/analytics/src/usage-names.read-model.js';
import { everyCall } from '../../dist/libs/analytics/src/usage-question.js';
import { UsageRankings } from '../../dist/libs/analytics/src/usage-ranking.js';
import { UsageSeries } from '../../dist/libs/analytics/src/usage-series.js';
import { UsageSummaries } from '../../dist/libs/analytics/src/usage-summaries.js';

const DAY_MS = 86_400_000;
/** Reaches over all organizations and sees every name. */
const principal = { scope: null, userId: null, identity: { permissions: { has: () => true } } };

/** Each question over the whole span and over the last day: how long it took, in milliseconds. */
export async function askQuestions(url, { sample }, runs) {
  const source = await new DataSource(dataSourceOptions(url, 2)).initialize();
  const prepared = new PreparedSql(url);
  const questions = questionsOf(new Database(source, prepared), sample);
  const to = new Date();
  const results = [];
  for (const days of [90, 1]) {
    const period = { from: new Date(to.getTime() - days * DAY_MS), to };
    const span = days === 1 ? 'last day' : `${days} days`;
    const step = days === 1 ? 'hour' : 'day';
    for (const [name, ask] of questions)
      results.push({ name, span, ...(await timesOf(() => ask(period, step), runs)) });
  }
  await prepared.onApplicationShutdown();
  await source.destroy();
  return results;
}

function questionsOf(database, sample) {
  const usage = new UsageAggregates(database);
  const names = new UsageNames(database);
  const summaries = new UsageSummaries(usage);
  const lines = new UsageSeries(usage, names);
  const latencies = new UsageLatency(usage);
  const rankings = new UsageRankings(usage, names);
  const select = (period, filter, zone = 'UTC') => ({
    period,
    zone: new TimeZone(zone),
    filter: { ...everyCall, ...filter },
  });
  const summary = (filter) => (period) => summaries.summarize(select(period, filter));
  const series = (filter, groupBy, zone) => (period, step) =>
    lines.trace(principal, select(period, filter, zone), { step, groupBy, groups: 10 });
  const latency = (filter) => (period, step) => latencies.describe(select(period, filter), { step });
  const top = (by, order, filter) => (period) =>
    rankings.rank(principal, select(period, filter), { by, order, limit: 20 });
  const ofOrganization = { organizationId: sample.organization };
  const ofKey = { keyId: sample.key };
  const narrow = { ...ofOrganization, route: '/api/v1/things/3', status: { lowest: 400, highest: 499 } };
  return [
    ['summary of everything', summary({})],
    ['summary of an organization', summary(ofOrganization)],
    ['summary of a key', summary(ofKey)],
    ['summary of a user', summary({ userId: sample.user })],
    ['summary by organization, route and status class', summary(narrow)],
    ['series of everything', series({})],
    ['series of an organization, another zone', series(ofOrganization, undefined, 'Europe/Berlin')],
    ['series of a key', series(ofKey)],
    ['series by status', series({}, 'status')],
    ['series by organization', series({}, 'organization')],
    ['series by key', series({}, 'key')],
    ['series of an organization by route', series(ofOrganization, 'route')],
    ['series of a key by route', series(ofKey, 'route')],
    ['latency of everything', latency({})],
    ['latency of a key', latency(ofKey)],
    ['top endpoints', top('endpoint', 'calls')],
    ['top organizations', top('organization', 'errors')],
    ['top users', top('user', 'bytes')],
    ['top keys', top('key', 'calls')],
    ['slowest keys', top('key', 'latency')],
    ['top endpoints of a key', top('endpoint', 'calls', ofKey)],
  ];
}

async function timesOf(ask, runs) {
  const times = [];
  try {
    await ask(); // once unmeasured, as the caches of a server that has been asked before
    for (let run = 0; run < runs; run += 1) {
      const startedAt = performance.now();
      await ask();
      times.push(performance.now() - startedAt);
    }
  } catch (error) {
    return { median: Infinity, fastest: Infinity, slowest: Infinity, failed: error.message };
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)], fastest: times[0], slowest: times.at(-1) };
}
