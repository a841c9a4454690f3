import { Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { HealthProbe, type Probe, type ProbeDetail } from './health-probe.js';
import { Probes } from './probes.js';

@HealthProbe()
class DiskProbe implements Probe {
  readonly name = 'disk';
  readonly kind = 'readiness';
  check = (): Promise<ProbeDetail> => Promise.resolve({ freeBytes: 1 });
}

@HealthProbe()
class SecondDiskProbe extends DiskProbe {}

@HealthProbe()
class UnusedProbe implements Probe {
  readonly name = 'unused';
  readonly kind = 'readiness';
  readonly enabled = false;
  check = (): Promise<ProbeDetail> => Promise.reject(new Error('asked although it is not enabled'));
}

@HealthProbe()
class WedgedProbe implements Probe {
  readonly name = 'worker';
  readonly kind = 'liveness';
  check = (): Promise<ProbeDetail> => Promise.reject(new Error('the worker does not answer'));
}

@HealthProbe()
class NotAProbe {
  readonly name = 'nothing';
}

async function booted(...features: Type[]): Promise<Probes> {
  @Module({ imports: [DiscoveryModule, TerminusModule], providers: [Probes, ...features] })
  class TestModule {}
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false, abortOnError: false });
  const probes = app.get(Probes);
  await app.close();
  return probes;
}

describe('Probes of features', () => {
  it('are found by their decorator and asked for readiness', async () => {
    const probes = await booted(DiskProbe);
    expect(await probes.askReadiness()).toEqual([
      expect.objectContaining({ name: 'disk', status: 'up', detail: { freeBytes: 1 } }),
    ]);
  });

  it('are left out when they are not enabled', async () => {
    expect(await (await booted(UnusedProbe)).askReadiness()).toEqual([]);
  });

  it('stop the boot when two have the same name', async () => {
    await expect(booted(DiskProbe, SecondDiskProbe)).rejects.toThrow('Two health probes have the name disk');
  });

  it('stop the boot when one has no check', async () => {
    await expect(booted(NotAProbe)).rejects.toThrow('@HealthProbe() NotAProbe does not implement HealthProbe');
  });

  it('decide over liveness, not over readiness, when they are of that kind', async () => {
    const probes = await booted(WedgedProbe);
    await probes.askAll();
    expect(probes.failedLiveness()).toEqual([expect.objectContaining({ name: 'worker' })]);
    expect(await probes.askReadiness()).toEqual([]);
  });
});
