import { isReference, type Reference, type Schema, type Schemas } from './open-api.types.js';

const examples: Readonly<Record<string, unknown>> = {
  uuid: '019ab7c8-5e1a-7c3e-9d58-3f6f0c2a1b4d',
  'date-time': '2026-11-22T16:00:00.000Z',
};

/** Corrects, in place, what the swagger module cannot know or writes in a way that OpenAPI 3.0 does not define. */
export function correctSchemas(schemas: Schemas): void {
  for (const schema of Object.values(schemas)) if (!isReference(schema)) correct(schema);
}

function correct(schema: Schema): void {
  // OpenAPI 3.0.3 defines `nullable` only beside `type`
  if (schema.nullable === true && schema.type === undefined) schema.type = 'object';
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isReference(property)) continue;
    if (isId(name, property)) property.format = 'uuid';
    if (property.format !== undefined && property.example === undefined && property.format in examples) {
      property.example = examples[property.format];
    }
    correct(property);
  }
  const nested: (Schema | Reference | undefined)[] = [schema.items, ...(schema.allOf ?? [])];
  for (const part of nested) if (part !== undefined && !isReference(part)) correct(part);
}

/** Ids are UUIDs throughout, but for the id of a request, which its client may choose. */
function isId(name: string, { type, format, enum: values }: Schema): boolean {
  return (
    type === 'string' && format === undefined && values === undefined && /^id$|Id$/.test(name) && name !== 'requestId'
  );
}
