import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HttpModule } from '#libs/http';
import { MetricsConfig } from './metrics.config.js';
import { MetricsServer } from './metrics.server.js';

/** Serves what the features report; a program that serves no API, such as the command line, leaves it out. */
@Module({
  imports: [DiscoveryModule, HttpModule],
  providers: [MetricsConfig, MetricsServer],
  exports: [MetricsServer],
})
export class MetricsModule {}
