import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { PAGE_CSS, START_REDOC, START_SWAGGER_UI } from './reference-pages.js';
import { type ServedPage, servedPage } from './served-page.js';

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';

/** ReDoc shows its logo from a server of its makers; nothing is to be fetched from elsewhere, so it gets an empty image. */
const FOREIGN_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const EMPTY_IMAGE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

/** Makes each file of the pages when it is first asked for; by the path of its page and its name. */
const sources: Readonly<Record<string, () => ServedPage>> = {
  'docs/swagger-ui.css': () => servedPage(CSS, readFileSync(swaggerUiFile('swagger-ui.css'))),
  'docs/swagger-ui-bundle.js': () => servedPage(JAVASCRIPT, readFileSync(swaggerUiFile('swagger-ui-bundle.js'))),
  'docs/start.js': () => servedPage(JAVASCRIPT, START_SWAGGER_UI),
  'docs/page.css': () => servedPage(CSS, PAGE_CSS),
  'redoc/redoc.standalone.js': () => servedPage(JAVASCRIPT, redocBundle()),
  'redoc/start.js': () => servedPage(JAVASCRIPT, START_REDOC),
  'redoc/page.css': () => servedPage(CSS, PAGE_CSS),
};

const made = new Map<string, ServedPage>();

/** A file of a documentation page, such as `docs/start.js`; undefined when there is none of that name. */
export function pageFile(path: string): ServedPage | undefined {
  const known = made.get(path);
  if (known !== undefined || !Object.hasOwn(sources, path)) return known;
  const file = sources[path]?.();
  if (file !== undefined) made.set(path, file);
  return file;
}

/** swagger-ui-dist is a dependency of @nestjs/swagger, so it is looked up from there. */
function swaggerUiFile(name: string): string {
  const swagger = createRequire(import.meta.url).resolve('@nestjs/swagger');
  return createRequire(swagger).resolve(`swagger-ui-dist/${name}`);
}

/** The build copies the bundle beside the program; from the sources it is read where it was installed. */
function redocBundle(): string {
  const built = fileURLToPath(new URL('../../../../assets/redoc.standalone.js', import.meta.url));
  const file = existsSync(built) ? built : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
  return readFileSync(file, 'utf8').replaceAll(FOREIGN_LOGO, EMPTY_IMAGE);
}
