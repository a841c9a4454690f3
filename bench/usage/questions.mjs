// The questions of the analytics, put to the class that answers them in the application.
import { DataSource } from 'typeorm';
import { Database, dataSourceOptions, PreparedSql } from '#libs/database';
import { UsageAggregates } from '../../dist/libs/analytics/src/usage-aggregates.read-model.js';
import { everyCall } from '../../dist/libs/analytics/src/usage-question.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BERLIN_MS = 2 * HOUR_MS;

/** Each question over the whole span and over the last day: how long it took, in milliseconds. */
export async function askQuestions(url, { sample }, runs) {
  const source = await new DataSource(dataSourceOptions(url, 2)).initialize();
  const prepared = new PreparedSql(url);
  const usage = new UsageAggregates(new Database(source, prepared));
  const now = new Date();
  const spans = [
    { span: '90 days', from: new Date(now.getTime() - 90 * DAY_MS), days: 90 },
    { span: 'last day', from: new Date(now.getTime() - DAY_MS), days: 1 },
  ];
  const results = [];
  for (const { span, from, days } of spans) {
    const questions = questionsOf(usage, sample, { from, to: now }, days);
    for (const [name, ask] of questions) results.push({ name, span, ...(await timesOf(ask, runs)) });
  }
  await prepared.onApplicationShutdown();
  await source.destroy();
  return results;
}

function questionsOf(usage, sample, period, days) {
  const ofOrganization = { ...everyCall, organizationId: sample.organization };
  const ofKey = { ...everyCall, keyId: sample.key };
  const ofUser = { ...everyCall, userId: sample.user };
  const narrow = { ...ofOrganization, route: '/api/v1/things/3', status: { lowest: 400, highest: 499 } };
  const top = (by, order) => () => usage.grouped(period, everyCall, by, { limit: 20, order });
  const step = days > 1 ? DAY_MS : HOUR_MS;
  const utc = stepsOf(period, step, 0);
  const berlin = stepsOf(period, step, BERLIN_MS);
  return [
    ['summary of everything', () => usage.totals(period, everyCall)],
    ['summary of an organization', () => usage.totals(period, ofOrganization)],
    ['summary of a key', () => usage.totals(period, ofKey)],
    ['summary of a user', () => usage.totals(period, ofUser)],
    ['summary by organization, route and status class', () => usage.totals(period, narrow)],
    ['active keys', () => usage.activeKeys(period, everyCall)],
    ['calls by status', top('status', 'calls')],
    ['series of everything', () => usage.series(utc, everyCall)],
    ['series of an organization, another zone', () => usage.series(berlin, ofOrganization)],
    ['series of a key', () => usage.series(utc, ofKey)],
    ['series by status', () => usage.series(utc, everyCall, 'status')],
    ['series by organization', () => usage.series(utc, everyCall, 'organization')],
    ['series of an organization by endpoint', () => usage.series(utc, ofOrganization, 'endpoint')],
    ['top endpoints', top('endpoint', 'calls')],
    ['top organizations', top('organization', 'errors')],
    ['top users', top('user', 'bytes')],
    ['top keys', top('key', 'calls')],
    ['slowest keys', top('key', 'latency')],
    ['top endpoints of a key', () => usage.grouped(period, ofKey, 'endpoint', { limit: 20, order: 'calls' })],
  ];
}

/** The period cut at every multiple of `step` of the zone. */
function stepsOf({ from, to }, step, offset) {
  const boundaries = [from];
  for (let at = Math.floor((from.getTime() + offset) / step) * step + step - offset; at < to.getTime(); at += step) {
    boundaries.push(new Date(at));
  }
  return [...boundaries, to];
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
