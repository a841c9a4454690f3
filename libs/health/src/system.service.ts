import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Principal } from '#libs/access';
import { ApiKeysConfig } from '#libs/api-keys';
import { SystemReadModel } from './system.read-model.js';
import type { SystemView } from './system.dto.js';
import { version } from './release.js';

/** Tells what this installation is and how much it holds. */
@Injectable()
export class SystemService {
  constructor(
    private readonly system: SystemReadModel,
    private readonly keys: ApiKeysConfig,
    private readonly discovery: DiscoveryService,
  ) {}

  async describe({ scope }: Principal): Promise<SystemView> {
    const [{ organizations, users, active_keys: activeKeys }, postgres, standing] = await Promise.all([
      this.system.holdings(scope),
      this.system.databaseVersion(),
      this.system.role(),
    ]);
    const { role, login, restriction, powers } = standing;
    const uptimeSeconds = Math.floor(process.uptime());
    return {
      name: 'Keyward',
      version,
      node: process.version,
      postgres,
      database: { role, login, restriction, powers: [...powers] },
      startedAt: new Date(Math.round(performance.timeOrigin)),
      uptimeSeconds,
      environment: this.keys.environment ?? null,
      features: this.features(),
      holds: { organizations, users, activeKeys },
    };
  }

  private features(): string[] {
    const modules = this.discovery.getControllers().map(({ host }) => host?.name ?? '');
    return [...new Set(modules)].map(featureName).toSorted();
  }
}

/** `ApiKeysModule` → `api-keys` */
function featureName(module: string): string {
  const words = module.replace(/Module$/, '').replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`);
  return words.toLowerCase();
}
