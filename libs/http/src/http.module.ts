import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { SecretsModule } from '#libs/secrets';
import { Cursors } from './cursors.js';
import { EventStreams } from './event-streams.js';
import { HttpConfig } from './http.config.js';
import { ProblemFilter } from './problem.filter.js';
import { QueryParametersGuard } from './query-parameters.guard.js';
import { RequestBodyReader } from './request-body.reader.js';
import { RequestValidationPipe } from './validation.pipe.js';
import { RouteTable } from './route-table.js';

/** The edge of the house: how requests are read and how answers and problems are written. */
@Module({
  imports: [DiscoveryModule, SecretsModule],
  providers: [
    HttpConfig,
    Cursors,
    EventStreams,
    ProblemFilter,
    QueryParametersGuard,
    RequestBodyReader,
    RequestValidationPipe,
    RouteTable,
  ],
  exports: [
    HttpConfig,
    Cursors,
    EventStreams,
    ProblemFilter,
    QueryParametersGuard,
    RequestBodyReader,
    RequestValidationPipe,
  ],
})
export class HttpModule {}
