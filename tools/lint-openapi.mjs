// Checks the OpenAPI document strictly, and against the routes that the built application registers, both ways.
//   node tools/lint-openapi.mjs                  the document as the built application makes it; needs no database
//   node tools/lint-openapi.mjs <url or file>    the document that a server serves, or that a file holds
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describeApplication } from './described-application.mjs';

const VERBS = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options', 'trace'];

async function main(place) {
  const application = await describeApplication();
  const source = place === undefined ? JSON.stringify(application.document) : await read(place);
  const document = JSON.parse(source);
  const faults = [...(await lint(source)), ...routeFaults(document, application.routes), ...ownFaults(document)];
  if (faults.length > 0) throw new Error(`${faults.length} faults in the OpenAPI document:\n${faults.join('\n')}`);
  const operations = operationsOf(document);
  console.log(
    `OpenAPI ${document.openapi}: ${operations.length} operations, every registered route among them; no fault.`,
  );
}

async function read(place) {
  if (!/^https?:/.test(place)) return readFileSync(place, 'utf8');
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(`${place} answered ${answer.status}; expected was 200 with an OpenAPI document.`);
  return answer.text();
}

async function lint(source) {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      'operation-4xx-response': 'off', // a public page without input cannot be called wrongly; routes are compared below
      'operation-description': 'error',
      'tag-description': 'error',
      'operation-singular-tag': 'error',
      'operation-operationId': 'error',
      'operation-operationId-url-safe': 'error',
      'path-parameters-defined': 'error',
      'no-unused-components': 'error',
      'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
      'no-invalid-parameter-examples': 'error',
      'no-invalid-schema-examples': 'error',
      'response-contains-header': { severity: 'error', names: { '2XX': ['X-Request-Id'], '4XX': ['X-Request-Id'] } },
    },
  });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(({ ruleId, message, location }) => `${location[0]?.pointer ?? '#'} ${message} (${ruleId})`);
}

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([verb]) => VERBS.includes(verb))
      .map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, verb, operation })),
  );
}

function routeFaults(document, routes) {
  const documented = operationsOf(document).map(({ name }) => name);
  return [
    ...routes.filter((route) => !documented.includes(route)).map((route) => `${route} is registered, not documented`),
    ...documented.filter((route) => !routes.includes(route)).map((route) => `${route} is documented, not registered`),
  ];
}

/** What this house asks of every operation beyond the general rules. */
function ownFaults(document) {
  return operationsOf(document).flatMap(({ name, verb, operation }) => {
    const isPublic = operation.security?.length === 0;
    const expected = isPublic ? [] : ['401', '429', '503'];
    if (operation.requestBody !== undefined) expected.push('400', '413', '415');
    const absent = expected.filter((status) => operation.responses[status] === undefined);
    const faults = absent.map((status) => `${name} documents no ${status}`);
    if (operation.security === undefined) faults.push(`${name} does not say who may call it`);
    if (operation['x-required-permissions']?.length > 0 && operation.responses[403] === undefined)
      faults.push(`${name} documents no 403`);
    if (verb === 'get' && operation.requestBody !== undefined) faults.push(`${name} has a body`);
    for (const [status, response] of Object.entries(operation.responses)) {
      const content = Object.values(response.content ?? {});
      if (status !== '204' && content.some(({ schema }) => schema === undefined))
        faults.push(`${name} ${status} has no schema`);
    }
    return faults;
  });
}

main(process.argv[2]).then(
  () => process.exit(0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
