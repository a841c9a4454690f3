import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessModule } from '#libs/access';
import { DatabaseModule } from '#libs/database';
import { features } from '../../api/src/features.js';

/**
 * The same features as the server's, without the HTTP around them. It must be all of them: the catalogue of permissions is
 * what they declare together, and a command that knew only some would refuse the others' names and retire them.
 */
@Module({})
export class CliModule {
  static forDatabase(url: string): DynamicModule {
    return { module: CliModule, imports: [DatabaseModule.forRoot(url), AccessModule, DiscoveryModule, ...features] };
  }
}
