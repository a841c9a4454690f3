// The built application as far as its routes and its OpenAPI document, without a database: nothing connects before
// the lifecycle hooks run, and they do not run here.
import 'reflect-metadata';
import { DataSource } from 'typeorm';

/** @returns {Promise<{ document: object, routes: string[] }>} routes as `GET /api/v1/users/{id}` */
export async function describeApplication() {
  process.env.SECRET_KEY ||= 'not a secret: nothing is signed while the routes are described';
  const { NestFactory } = await import('@nestjs/core');
  const { AppModule } = await built('apps/api/src/app.module.js');
  const { configureApp } = await built('apps/api/src/configure-app.js');
  const { KeywardHttpAdapter } = await built('libs/http/src/index.js');
  const { RouteAccessTable } = await built('libs/access/src/index.js');
  const { OpenApiDocument } = await built('apps/api/src/documentation/open-api-document.js');
  Object.defineProperty(DataSource.prototype, 'initialize', { value: withoutConnecting });
  const adapter = new KeywardHttpAdapter();
  const app = await NestFactory.create(AppModule.forDatabase('postgres://nobody@localhost:1/none'), adapter, {
    logger: ['fatal', 'error'],
    bodyParser: false,
    abortOnError: false,
  });
  await configureApp(app, adapter);
  app.get(RouteAccessTable).onModuleInit();
  await app.registerRouter();
  return { document: app.get(OpenApiDocument).get(), routes: routesOf(app.getHttpAdapter().getInstance()) };
}

/** Takes the place of TypeORM's own in this process: entities are read, no connection is made. */
async function withoutConnecting() {
  await this.buildMetadatas();
  return this;
}

async function built(path) {
  try {
    return await import(new URL(`../dist/${path}`, import.meta.url));
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`dist/${path} is missing or incomplete: run npm run build first.`, { cause: error });
  }
}

function routesOf(express) {
  return express.router.stack
    .filter(({ route }) => route !== undefined)
    .flatMap(({ route }) =>
      Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
}
