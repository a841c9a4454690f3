import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { SecretsModule } from '#libs/secrets';
import { Cursors } from './cursors.js';
import { HttpConfig } from './http.config.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestBodyReader } from './request-body.reader.js';
import { RequestValidationPipe } from './validation.pipe.js';
import { RouteTable } from './route-table.js';

/** The edge of the house: how requests are read and how answers and problems are written. */
@Module({
  imports: [DiscoveryModule, SecretsModule],
  providers: [HttpConfig, Cursors, ProblemFilter, RequestBodyReader, RequestValidationPipe, RouteTable],
  exports: [HttpConfig, Cursors, ProblemFilter, RequestBodyReader, RequestValidationPipe],
})
export class HttpModule {}
