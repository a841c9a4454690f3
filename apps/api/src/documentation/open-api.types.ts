import type { OpenAPIObject } from '@nestjs/swagger';

// The parts of an OpenAPI document; @nestjs/swagger exports only the type of the whole.
export type Components = NonNullable<OpenAPIObject['components']>;
export type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
export type Responses = Operation['responses'];
export type Reference = { $ref: string };
export type Response = Exclude<NonNullable<Responses[string]>, Reference>;
export type Headers = NonNullable<Response['headers']>;
export type Schemas = NonNullable<Components['schemas']>;
export type Schema = Exclude<Schemas[string], Reference>;
export type Example = NonNullable<Components['examples']>[string];

export const methods = ['get', 'put', 'post', 'patch', 'delete'] as const;

export const refTo = (kind: keyof Components, name: string): Reference => ({ $ref: `#/components/${kind}/${name}` });

export function isReference(value: object): value is Reference {
  return '$ref' in value;
}
