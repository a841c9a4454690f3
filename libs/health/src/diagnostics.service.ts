import { Injectable, Logger } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Problem } from '#libs/http';
import { SystemProblems } from './health.problems.js';
import { Probes } from './probes.js';
import { version } from './release.js';
import { Replica } from './replica.js';
import type { DiagnosticsView } from './system.dto.js';
import { SystemReadModel } from './system.read-model.js';

/** Gathers what an operator looks at when something is wrong. What cannot be known is null: half an answer helps, too. */
@Injectable()
export class DiagnosticsService {
  private readonly logger = new Logger('Diagnostics');

  constructor(
    private readonly probes: Probes,
    private readonly system: SystemReadModel,
    private readonly replica: Replica,
  ) {}

  /** @throws Problem system.installation_only: errors and settings are those of all organizations. */
  async gather(principal: Principal): Promise<DiagnosticsView> {
    if (principal.scope !== null) throw new Problem(SystemProblems.installationOnly);
    const [probes, postgres, migrations] = await Promise.all([
      this.probes.askAll(),
      this.known(this.system.databaseVersion()),
      this.known(this.system.migrations()),
    ]);
    return {
      versions: {
        keyward: version,
        node: process.version,
        openssl: process.versions.openssl,
        postgres,
        platform: `${process.platform} ${process.arch}`,
      },
      uptimeSeconds: Math.floor(process.uptime()),
      probes,
      migrations,
      ...this.replica.state(),
    };
  }

  private async known<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (err) {
      this.logger.warn({ msg: 'A part of the diagnostics is not known', err });
      return null;
    }
  }
}
