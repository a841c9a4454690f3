import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from '#libs/access';
import { DatabaseModule } from '#libs/database';
import { HttpModule } from '#libs/http';
import { AnswerRecords } from './answer-records.js';
import { DocumentationModule } from './documentation/documentation.module.js';
import { features } from './features.js';
import { requestPipeline } from './request-pipeline.js';

/** The HTTP application: the features, and the way that requests take to them. */
@Module({})
export class AppModule {
  static forDatabase(url: string): DynamicModule {
    return {
      module: AppModule,
      imports: [DatabaseModule.forRoot(url), HttpModule, AccessModule, DocumentationModule, ...features],
      providers: [...requestPipeline, AnswerRecords],
    };
  }
}
