import { escapeHtml } from './served-page.js';

/** Nothing but our own origin. Swagger UI and ReDoc bring data: images; neither needs a script in the page. */
const OWN_ORIGIN =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:";
export const SWAGGER_UI_POLICY = `${OWN_ORIGIN}; style-src 'self'`;

/** The ReDoc whose styles are named below. For another version, open the page in a browser and read its console. */
export const REDOC_VERSION = '2.5.4';
/** ReDoc makes two kinds of style elements: empty ones, which its script fills, and that of its scroll bar. */
const REDOC_STYLES = [
  'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc=',
];
export const REDOC_POLICY = `${OWN_ORIGIN}; style-src 'self' ${REDOC_STYLES.map((hash) => `'${hash}'`).join(' ')}`;

/** Swagger UI: for trying things out. `base` is where the installation is reached, without a slash at its end. */
export function swaggerUiPage(base: string): string {
  return page({
    title: 'Keyward API',
    styles: [`${base}/docs/swagger-ui.css`, `${base}/docs/page.css`],
    scripts: [`${base}/docs/swagger-ui-bundle.js`, `${base}/docs/start.js`],
    body: `<div id="swagger-ui" data-document="${escapeHtml(base)}/openapi.json"></div>`,
  });
}

/** ReDoc: for reading. */
export function redocPage(base: string): string {
  return page({
    title: 'Keyward API reference',
    styles: [`${base}/redoc/page.css`],
    scripts: [`${base}/redoc/redoc.standalone.js`, `${base}/redoc/start.js`],
    body: `<div id="redoc" data-document="${escapeHtml(base)}/openapi.json"></div>`,
  });
}

export const PAGE_CSS = 'body { margin: 0; background: #fff; }\n';

export const START_SWAGGER_UI = `
const place = document.getElementById('swagger-ui');
SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  filter: true,
  validatorUrl: null,
});
`;

export const START_REDOC = `
const place = document.getElementById('redoc');
Redoc.init(place.dataset.document, { disableSearch: true, expandResponses: '200,201', hideHostname: true }, place);
`;

interface Page {
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  readonly body: string;
}

function page({ title, styles, scripts, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
${styles.map((href) => `<link rel="stylesheet" href="${escapeHtml(href)}">`).join('\n')}
</head>
<body>
${body}
${scripts.map((source) => `<script src="${escapeHtml(source)}" defer></script>`).join('\n')}
</body>
</html>
`;
}
