import { Logger } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { CapturingLogger } from '../../../test/support/capturing-logger.js';
import type { Probe, ProbeDetail } from './health-probe.js';
import { ProbeWatch } from './probe-watch.js';

class FakeProbe implements Probe {
  readonly name = 'fake';
  readonly kind = 'readiness';
  asked = 0;
  answer: () => Promise<ProbeDetail> = () => Promise.resolve({});

  constructor(readonly tolerated = false) {}

  check(): Promise<ProbeDetail> {
    this.asked += 1;
    return this.answer();
  }
}

const failing = (message: string) => (): Promise<ProbeDetail> => Promise.reject(new Error(message));

describe('The watch over a probe', () => {
  let now: number;
  let log: CapturingLogger;
  const watch = (probe: Probe): ProbeWatch => new ProbeWatch(probe, new HealthIndicatorService(), () => now);

  beforeEach(() => {
    now = 0;
    log = new CapturingLogger();
    Logger.overrideLogger(log);
  });

  it('asks once for all who ask at the same time', async () => {
    const probe = new FakeProbe();
    const watched = watch(probe);
    await Promise.all(Array.from({ length: 100 }, () => watched.result()));
    expect(probe.asked).toBe(1);
  });

  it('asks at most once a second, and again after it', async () => {
    const probe = new FakeProbe();
    const watched = watch(probe);
    for (now of [0, 500, 999]) await watched.result();
    expect(probe.asked).toBe(1);
    now = 1000;
    await watched.result();
    expect(probe.asked).toBe(2);
  });

  it('asks again a quarter of a second after a failure', async () => {
    const probe = new FakeProbe();
    probe.answer = failing('away');
    const watched = watch(probe);
    for (now of [0, 249]) await watched.result();
    expect(probe.asked).toBe(1);
    now = 250;
    await watched.result();
    expect(probe.asked).toBe(2);
  });

  it('does not ask again while an answer is late, however long it takes', async () => {
    const probe = new FakeProbe();
    let arrive: (detail: ProbeDetail) => void = () => undefined;
    const answer = new Promise<ProbeDetail>((resolve) => (arrive = resolve));
    probe.answer = () => answer;
    const watched = watch(probe);
    const first = watched.result();
    now = 1200;
    const second = watched.result();
    arrive({});
    expect(await second).toBe(await first);
    expect(probe.asked).toBe(1);
  });

  it('calls a probe that does not answer down within 1.5 s', async () => {
    const probe = new FakeProbe();
    probe.answer = () => new Promise(() => undefined);
    const startedAt = performance.now();
    expect(await watch(probe).result()).toMatchObject({ status: 'down' });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it('calls a probe that throws down and keeps its message for the diagnostics', async () => {
    const probe = new FakeProbe();
    probe.answer = failing('no route to host');
    expect(await watch(probe).result()).toMatchObject({ name: 'fake', status: 'down', message: 'no route to host' });
  });

  it('names the error code when an error has no message', async () => {
    const probe = new FakeProbe();
    probe.answer = () => Promise.reject(Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }));
    expect(await watch(probe).result()).toMatchObject({ message: 'ECONNREFUSED' });
  });

  it('calls a tolerated probe that throws degraded', async () => {
    const probe = new FakeProbe(true);
    probe.answer = failing('away');
    expect(await watch(probe).result()).toMatchObject({ status: 'degraded' });
  });

  it('logs when a probe begins to fail and when it recovers, not in between', async () => {
    const probe = new FakeProbe();
    const watched = watch(probe);
    for (const [at, answer] of [
      failing('away'),
      failing('away'),
      failing('away'),
      () => Promise.resolve({}),
    ].entries()) {
      now = at * 1000;
      probe.answer = answer;
      await watched.result();
    }
    expect(log.lines).toEqual([
      expect.stringContaining('Health probe fails'),
      expect.stringContaining('Health probe recovered'),
    ]);
  });
});
