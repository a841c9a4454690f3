import { getMetadataStorage } from 'class-validator';
import { isReference, type Operation, type Reference, type Schema, type Schemas } from './open-api.types.js';

type Correction = Pick<Schema, 'type' | 'format'>;

/** What a validator says of a value and the swagger module does not read from it. */
const corrections: Readonly<Record<string, Correction>> = {
  isInt: { type: 'integer' },
  isUuid: { format: 'uuid' },
  isIso8601: { format: 'date-time' },
  isEmail: { format: 'email' },
};

/** Corrects, in place, the schemas of a handler's arguments by what their validators accept. */
export function correctArguments(operation: Operation, schemas: Schemas, types: readonly unknown[]): void {
  for (const type of types) correctClass(type, operation, schemas, new Set());
}

function correctClass(type: unknown, operation: Operation, schemas: Schemas, seen: Set<unknown>): void {
  if (typeof type !== 'function' || seen.has(type)) return;
  seen.add(type);
  const schema = schemas[type.name];
  for (const { name = '', propertyName, each } of getMetadataStorage().getTargetValidationMetadatas(
    type,
    '',
    false,
    false,
  )) {
    const property = schema === undefined || isReference(schema) ? undefined : schema.properties?.[propertyName];
    for (const target of [property, queryParameter(operation, propertyName)]) {
      const value = each ? itemsOf(target) : target;
      if (value !== undefined && !isReference(value)) Object.assign(value, corrections[name]);
    }
    const prototype: unknown = type.prototype;
    if (typeof prototype !== 'object' || prototype === null) continue;
    correctClass(Reflect.getMetadata('design:type', prototype, propertyName), operation, schemas, seen);
  }
}

function itemsOf(schema: Schema | Reference | undefined): Schema | Reference | undefined {
  return schema === undefined || isReference(schema) ? undefined : schema.items;
}

function queryParameter({ parameters = [] }: Operation, name: string): Schema | Reference | undefined {
  for (const parameter of parameters) {
    if (!isReference(parameter) && parameter.in === 'query' && parameter.name === name) return parameter.schema;
  }
  return undefined;
}
