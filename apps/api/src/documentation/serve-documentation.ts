import type { INestApplication } from '@nestjs/common';
import { OpenApiDocument } from './open-api-document.js';

/** The paths of the documentation, which stand outside the API's prefix. */
export const documentationPaths = [
  'problems',
  'problems/:code',
  'openapi.json',
  'docs',
  'docs/:file',
  'redoc',
  'redoc/:file',
];

/** Lets the documentation describe `app`; the document itself is made when it is first asked for. */
export function serveDocumentation(app: INestApplication): void {
  app.get(OpenApiDocument).describes(app);
}
