// The load: keep-alive connections over plain sockets, each with one call under way. It is a small client of its own,
// because a general one costs more a call than the server that is measured, and would measure itself.
import { constants, setPriority } from 'node:os';
import { answerParent, cpuMicroseconds } from './child.mjs';
import { LoadConnection } from './load-connection.mjs';

// PostgreSQL is on the same core, and goes first: clients are elsewhere, and no commit waits for them
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

/** Whole requests by target, made once: the load must cost as little as it can. */
const requests = new Map();
let run;

function prepare({ target, port, method, path, keys, body }) {
  const bytes = keys.map((key) => requestBytes({ port, method, path, key, body: body?.replaceAll('{key}', key) }));
  requests.set(target, { bytes, position: 0 });
  return {};
}

function requestBytes({ port, method, path, key, body }) {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'User-Agent: keyward-bench/1', 'Accept: */*'];
  if (key !== null) lines.push(`X-API-Key: ${key}`);
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** Opens the connections and warms the server up. */
async function begin({ target, port, expect, concurrency, milliseconds }) {
  const own = requests.get(target);
  const current = { measuring: false, stopping: false, total: 0, latencies: [] };
  const next = () => {
    if (current.stopping) return undefined;
    if (own.position === own.bytes.length) own.position = 0;
    return own.bytes[own.position++];
  };
  const answered = (latency) => {
    current.total += 1;
    if (current.measuring) current.latencies.push(latency);
  };
  const connections = Array.from({ length: concurrency }, () => new LoadConnection({ port, expect }, next, answered));
  const failed = Promise.race(connections.map((connection) => connection.failed));
  const finished = Promise.all(connections.map((connection) => connection.finished));
  run = { current, failed, finished };
  await Promise.race([delay(milliseconds), failed]);
  return {};
}

async function measure({ milliseconds }) {
  const { current, failed } = run;
  const began = { at: performance.now(), cpu: cpuMicroseconds() };
  current.measuring = true;
  await Promise.race([delay(milliseconds), failed]);
  current.measuring = false;
  const seconds = (performance.now() - began.at) / 1000;
  return { seconds, calls: current.latencies.length, busy: (cpuMicroseconds() - began.cpu) / seconds / 1e6 };
}

/** Lets the calls under way end; `total` is every call that was answered, those of the warm-up too. */
async function finish() {
  const { current, failed, finished } = run;
  current.stopping = true;
  await Promise.race([finished, failed]);
  const sorted = Float64Array.from(current.latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { total: current.total, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

answerParent({ prepare, begin, measure, finish });
