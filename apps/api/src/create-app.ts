import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { unreadVariables } from '#libs/config';
import { Database } from '#libs/database';
import { HttpConfig, KeywardHttpAdapter, type KeywardHttpAdapterOptions, ProblemFilter } from '#libs/http';
import { AddressLimitGuard } from '#libs/security';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';

/** The application on a migrated database, initialised but not yet listening. `others`: features beside the listed ones. */
export async function createApp(
  databaseUrl: string,
  logger: LoggerService,
  options: KeywardHttpAdapterOptions = {},
  others: readonly (Type | DynamicModule)[] = [],
): Promise<NestExpressApplication> {
  for (const { name, meant } of unreadVariables(process.env)) {
    logger.warn(
      { msg: 'A variable of the environment is not one of Keyward and has no effect', name, meant },
      'Configuration',
    );
  }
  const adapter = new KeywardHttpAdapter({ drain: { keepListeningMs: new HttpConfig().drainMs }, ...options });
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forDatabase(databaseUrl, others, logger),
    adapter,
    {
      logger,
      bodyParser: false, // bodies are read after authorization, see RequestBodyReader
      abortOnError: false,
    },
  );
  await configureApp(app, adapter);
  await app.init();
  app.get(Database).startServing();
  const problems = app.get(ProblemFilter);
  const limit = app.get(AddressLimitGuard);
  problems.checkUnrouted((call) => limit.check(call));
  app.use((request: Request, response: Response) => problems.answerUnrouted(request, response)); // after every route
  return app;
}
