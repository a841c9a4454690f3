import { Module } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import { AccessModule } from '#libs/access';
import { Feature, HttpModule } from '#libs/http';
import { DocumentedRoutes } from './documented-routes.js';
import { OpenApiDocument } from './open-api-document.js';
import { ProblemsController } from './problems.controller.js';
import { ReferenceController } from './reference.controller.js';

@Feature('Documentation', 'This document, the pages that show it, and a page for every problem.')
@Module({
  imports: [AccessModule, DiscoveryModule, HttpModule],
  controllers: [ReferenceController, ProblemsController],
  providers: [DocumentedRoutes, MetadataScanner, OpenApiDocument],
})
export class DocumentationModule {}
