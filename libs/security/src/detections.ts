import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type AccessObserver, type Judgement, ObservesAccess, type Principal } from '#libs/access';
import type { Caller, Problem, RequestContext } from '#libs/http';
import { RepeatedLines } from '#libs/log';
import { type Detector, type ExaminedCall, SecurityDetector } from './security-detector.js';
import { SecurityEventWriter } from './security-event.writer.js';

/** Shows calls to the detectors and hands on what they find; one that throws is logged and harms nobody. */
@ObservesAccess()
@Injectable()
export class Detections implements AccessObserver, OnModuleInit, OnApplicationShutdown {
  private readonly faults = new RepeatedLines(new Logger('Detections'));
  private hearingRefusals: readonly Detector[] = [];
  private hearingAll: readonly Detector[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly events: SecurityEventWriter,
  ) {}

  /** @throws Error when two detectors have the same name */
  onModuleInit(): void {
    const detectors = SecurityDetector.collect(this.discovery);
    const names = detectors.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      throw new Error(`Two security detectors have the name ${twice}; each needs one of its own.`);
    this.hearingRefusals = detectors;
    this.hearingAll = detectors.filter(({ hears }) => hears === 'all');
  }

  onApplicationShutdown(): void {
    this.faults.flush();
  }

  admitted(principal: Principal, call: RequestContext): void {
    if (this.hearingAll.length === 0) return;
    this.show(this.hearingAll, {
      outcome: 'admitted',
      caller: principal,
      problem: null,
      call,
      address: call.clientAddress,
      asker: null,
    });
  }

  rejected(problem: Problem, call: RequestContext, caller: Caller): void {
    this.show(this.hearingRefusals, {
      outcome: 'refused',
      caller,
      problem,
      call,
      address: call.clientAddress,
      asker: null,
    });
  }

  /** A credential that passes at another door is no call that was let in here: only refusals are shown. */
  judged({ problem, caller, asker, address }: Judgement, call: RequestContext): void {
    if (problem === null) return;
    this.show(this.hearingRefusals, { outcome: 'refused', caller, problem, call, address, asker });
  }

  private show(detectors: readonly Detector[], examined: ExaminedCall): void {
    for (const detector of detectors) {
      try {
        const found = detector.examine(examined);
        if (found === undefined) continue;
        for (const detection of [found].flat()) this.events.raise(detector.name, detection);
      } catch (err) {
        this.faults.error({ msg: 'A security detector failed', detector: detector.name, err }, detector.name);
      }
    }
  }
}
