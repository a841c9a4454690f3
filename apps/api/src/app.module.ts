import { type DynamicModule, Logger, type LoggerService, Module, type Type } from '@nestjs/common';
import { AccessModule } from '#libs/access';
import { DatabaseModule } from '#libs/database';
import { HttpModule } from '#libs/http';
import { MetricsModule } from '#libs/metrics';
import { AnswerMetrics } from './answer.metrics.js';
import { ANSWER_LOG, AnswerRecords } from './answer-records.js';
import { DocumentationModule } from './documentation/documentation.module.js';
import { features } from './features.js';
import { requestPipeline } from './request-pipeline.js';

/** The HTTP application: the features, and the way that requests take to them. */
@Module({})
export class AppModule {
  /** `others`: features beside those of the list, such as a test's; `log` takes the lines of the answers. */
  static forDatabase(
    url: string,
    others: readonly (Type | DynamicModule)[] = [],
    log: LoggerService = new Logger(),
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(url),
        HttpModule,
        AccessModule,
        DocumentationModule,
        MetricsModule,
        ...features,
        ...others,
      ],
      providers: [...requestPipeline, AnswerMetrics, AnswerRecords, { provide: ANSWER_LOG, useValue: log }],
    };
  }
}
