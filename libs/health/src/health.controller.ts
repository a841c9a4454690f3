import { Controller, Get } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import { Public } from '#libs/access';
import { ApiKeysConfig } from '#libs/api-keys';
import { AnyQuery, MayFailWith, Returns } from '#libs/http';
import { AliveView, healthFacts, HealthView, StatusView } from './health.dto.js';
import { HealthProblems } from './health.problems.js';
import { HealthService } from './health.service.js';

/** Frozen, because every probe is answered with the same object. */
const ok: AliveView = Object.freeze(Object.assign(new AliveView(), { status: 'ok' as const }));

/** For load balancers, orchestrators and status pages: no credential, no limit, nothing internal. */
@Controller()
@Public()
@AnyQuery()
@SkipThrottle()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly keys: ApiKeysConfig,
  ) {}

  /** Sums up how this replica is: its status and that of each probe. */
  @Get('health')
  @Returns(200, HealthView)
  @MayFailWith(HealthProblems.notReady, HealthProblems.starting, HealthProblems.draining)
  async readHealth(): Promise<HealthView> {
    const report = await this.health.report();
    const facts = healthFacts(report);
    this.health.assertServing(report, facts);
    return { status: report.status === 'degraded' ? 'degraded' : 'ok', ...facts };
  }

  /** Tells that the process is alive; looks at no dependency. */
  @Get('health/live')
  @Returns(200, AliveView)
  @MayFailWith(HealthProblems.notLive)
  checkLiveness(): AliveView {
    this.health.assertAlive();
    return ok;
  }

  /** Tells whether this replica wants traffic: PostgreSQL takes writes, and no shutdown has begun. */
  @Get('health/ready')
  @Returns(200, AliveView)
  @MayFailWith(HealthProblems.notReady, HealthProblems.starting, HealthProblems.draining)
  async checkReadiness(): Promise<AliveView> {
    await this.health.assertReady();
    return ok;
  }

  /** Tells whether the boot has finished. */
  @Get('health/startup')
  @Returns(200, AliveView)
  @MayFailWith(HealthProblems.starting)
  checkStartup(): AliveView {
    this.health.assertStarted();
    return ok;
  }

  /** Says what is running here and how it is; always 200, the state is in the body. */
  @Get('status')
  @Returns(200, StatusView)
  async readStatus(): Promise<StatusView> {
    const { status } = await this.health.report();
    return StatusView.of(status, this.keys.environment);
  }
}
