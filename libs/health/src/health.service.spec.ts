import { HttpAdapterHost } from '@nestjs/core';
import { KeywardHttpAdapter } from '#libs/http';
import { HealthService } from './health.service.js';
import type { Probes } from './probes.js';
import type { ProbeResult } from './probe-watch.js';
import { Shutdown } from './shutdown.js';
import { Startup } from './startup.js';

const result = (status: ProbeResult['status']): ProbeResult => ({
  name: `${status}-one`,
  status,
  durationMs: 1,
  message: null,
  detail: {},
});

describe('Readiness', () => {
  let asked: number;
  let found: ProbeResult[];
  let shutdown: Shutdown;
  let startup: Startup;
  let adapter: KeywardHttpAdapter;
  let health: HealthService;

  beforeEach(() => {
    asked = 0;
    found = [result('up')];
    adapter = new KeywardHttpAdapter();
    adapter.initHttpServer();
    const host = new HttpAdapterHost();
    host.httpAdapter = adapter;
    shutdown = new Shutdown(host);
    startup = new Startup();
    startup.onApplicationBootstrap();
    const probes = {
      askReadiness: () => {
        asked += 1;
        return Promise.resolve(found);
      },
      failedLiveness: () => [],
    } as unknown as Probes;
    health = new HealthService(probes, startup, shutdown);
  });

  it('is given while every probe is up', async () => {
    await expect(health.assertReady()).resolves.toBeUndefined();
  });

  it('is given while a tolerated probe fails, which is reported as degraded', async () => {
    found = [result('up'), result('degraded')];
    await expect(health.assertReady()).resolves.toBeUndefined();
    expect((await health.report()).status).toBe('degraded');
  });

  it('is refused with health.not_ready and the names of the failing probes', async () => {
    found = [result('up'), result('down')];
    await expect(health.assertReady()).rejects.toMatchObject({
      code: 'health.not_ready',
      members: { failing: ['down-one'] },
    });
  });

  it('is refused with health.draining from the first signal on, without asking any probe', async () => {
    shutdown.begin();
    await expect(health.assertReady()).rejects.toMatchObject({ code: 'health.draining', status: 503 });
    expect(asked).toBe(0);
    expect(adapter.isDraining).toBe(true);
  });

  it('is refused with health.draining when the server drains without a signal', async () => {
    adapter.beginDrain();
    await expect(health.assertReady()).rejects.toMatchObject({ code: 'health.draining' });
  });

  it('is refused with health.starting until the boot has finished', async () => {
    const starting = new HealthService(
      { askReadiness: () => Promise.resolve([]) } as unknown as Probes,
      new Startup(),
      shutdown,
    );
    await expect(starting.assertReady()).rejects.toMatchObject({ code: 'health.starting' });
    expect(() => starting.assertStarted()).toThrow(expect.objectContaining({ code: 'health.starting' }));
  });

  it('does not concern liveness', () => {
    shutdown.begin();
    expect(() => health.assertAlive()).not.toThrow();
  });
});
