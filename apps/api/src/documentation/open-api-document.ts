import type { INestApplication } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { version } from '#libs/health';
import { HttpConfig, problemCatalogue } from '#libs/http';
import { type DocumentedRoute, DocumentedRoutes, HANDLER } from './documented-routes.js';
import { introduction } from './introduction.js';
import { type Components, methods, type Operation } from './open-api.types.js';
import { describeOperation } from './operation-description.js';
import { problemExample, problemSchema } from './problem-components.js';
import { parameterComponents, versionedClasses } from './repeatable-requests.js';
import { headerComponents } from './response-headers.js';
import { correctSchemas } from './schema-corrections.js';
import { basePathOf } from './served-page.js';
import { correctArguments } from './validated-schemas.js';

/** The OpenAPI document of the whole application, made from its code when first asked for. */
@Injectable()
export class OpenApiDocument {
  private app: INestApplication | undefined;
  private document: OpenAPIObject | undefined;

  constructor(
    private readonly routes: DocumentedRoutes,
    private readonly config: HttpConfig,
  ) {}

  /** Names the application to describe; a provider cannot have it injected. */
  describes(app: INestApplication): void {
    this.app = app;
  }

  /** @throws Error when called before `describes`, or when two operations have one id. */
  get(): OpenAPIObject {
    this.document ??= this.make();
    return this.document;
  }

  private make(): OpenAPIObject {
    if (this.app === undefined) throw new Error('No application was named to describe: call describes(app) first.');
    const routes = this.routes.collect();
    const document = SwaggerModule.createDocument(this.app, this.frame(), { autoTagControllers: false });
    const documented = this.describe(document, routes);
    const { baseUrl } = this.config;
    const codes = [...problemCatalogue().values()].toSorted((a, b) => a.code.localeCompare(b.code));
    const mentioned = new Set(JSON.stringify(document.paths).match(/(?<=#\/components\/examples\/)[^"]+/g));
    document.components = {
      ...document.components,
      schemas: { ...document.components?.schemas, Problem: problemSchema },
      parameters: used(parameterComponents, 'parameters', document),
      headers: used(headerComponents, 'headers', document),
      examples: Object.fromEntries(
        codes
          .filter(({ code }) => mentioned.has(code))
          .map((definition) => [definition.code, problemExample(definition, baseUrl, { path: '/api/v1/profile' })]),
      ),
    };
    correctSchemas(document.components.schemas ?? {});
    document.tags = tagsOf(documented);
    return document;
  }

  private frame(): Omit<OpenAPIObject, 'paths'> {
    const { baseUrl } = this.config;
    return new DocumentBuilder()
      .setOpenAPIVersion('3.0.3')
      .setTitle('Keyward')
      .setVersion(version)
      .setDescription(introduction.replace('PROBLEMS_URL', `${baseUrl}/problems`))
      .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
      .addServer(basePathOf(baseUrl) || '/', 'This installation')
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' }, 'ApiKey')
      .addBearerAuth(
        { type: 'http', scheme: 'bearer', description: 'The same key as a bearer token (RFC 6750).' },
        'Bearer',
      )
      .build();
  }

  /** Completes every operation and returns the routes in the order of the document. */
  private describe(document: OpenAPIObject, routes: ReadonlyMap<string, DocumentedRoute>): DocumentedRoute[] {
    const documented: DocumentedRoute[] = [];
    const ids = new Map<string | undefined, string>();
    const versioned = versionedClasses(routes.values());
    for (const [path, item] of Object.entries(document.paths)) {
      for (const verb of methods) {
        const operation = item[verb];
        const route = operation === undefined ? undefined : routes.get(takeHandler(operation));
        if (operation === undefined || route === undefined) continue;
        correctArguments(operation, document.components?.schemas ?? {}, route.argumentTypes);
        describeOperation(operation, route, { verb, path, baseUrl: this.config.baseUrl, versioned });
        const twin = ids.get(operation.operationId);
        if (twin !== undefined)
          throw new Error(`${verb} ${path} and ${twin} both have the operationId ${operation.operationId}.`);
        ids.set(operation.operationId, `${verb} ${path}`);
        documented.push(route);
      }
    }
    return documented;
  }
}

function takeHandler(operation: Operation): string {
  const handler: unknown = Reflect.get(operation, HANDLER);
  Reflect.deleteProperty(operation, HANDLER);
  return String(handler);
}

/** Those of `components` that the operations refer to. */
function used<T>(components: Record<string, T>, kind: keyof Components, document: OpenAPIObject): Record<string, T> {
  const text = JSON.stringify(document.paths);
  return Object.fromEntries(
    Object.entries(components).filter(([name]) => text.includes(`#/components/${kind}/${name}"`)),
  );
}

function tagsOf(routes: readonly DocumentedRoute[]): OpenAPIObject['tags'] {
  const byTitle = new Map(routes.map(({ feature }) => [feature.title, feature]));
  return [...byTitle.values()]
    .toSorted((a, b) => a.title.localeCompare(b.title))
    .map(({ title, about }) => ({ name: title, description: about || `Routes of ${title}.` }));
}
