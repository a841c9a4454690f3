import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { RegisteredRoute } from './registered-routes.js';

/** A class of which a body or a query is made. */
export type Dto = new () => object;

/** One member of a body or of the query, as its validators have it. */
export interface InputField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly isId: boolean;
  readonly isText: boolean;
  readonly isList: boolean;
  /** What it consists of. */
  readonly nested: Dto | undefined;
}

/**
 * What a route takes, read from its validators, which are also what the OpenAPI document is made from: the tests run on the
 * sources, where the document has no schemas.
 */
export interface RouteInputs {
  readonly ids: readonly string[];
  /** Parameters of the path that are no ids. */
  readonly words: readonly string[];
  readonly body: Dto | undefined;
  readonly query: Dto | undefined;
}

export function inputsOf({ path, controller, name }: RegisteredRoute): RouteInputs {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => String(parameter));
  const isId = (parameter: string): boolean => /(^id|Id)$/.test(parameter);
  const classOf = (kind: RouteParamtypes): Dto | undefined => {
    const args = Object.keys(Reflect.getMetadata('__routeArguments__', controller, name) ?? {});
    const index = args.find((key) => key.startsWith(`${kind}:`))?.split(':')[1];
    const types: unknown[] = Reflect.getMetadata('design:paramtypes', controller.prototype as object, name) ?? [];
    const type = types[Number(index)];
    return typeof type === 'function' && fieldsOf(type as Dto).length > 0 ? (type as Dto) : undefined;
  };
  return {
    ids: parameters.filter(isId),
    words: parameters.filter((parameter) => !isId(parameter)),
    body: classOf(RouteParamtypes.BODY),
    query: classOf(RouteParamtypes.QUERY),
  };
}

export function fieldsOf(type: Dto | undefined): InputField[] {
  if (type === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))].map((name) => {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const has = (rule: string): boolean => own.some((metadata) => metadata.name === rule || metadata.type === rule);
    return {
      name,
      isRequired: !own.some(({ type: kind }) => kind === 'conditionalValidation'),
      isId: has('isUuid'),
      isText: ['isString', 'matches', 'isLength', 'maxLength'].some(has),
      isList: has('isArray'),
      nested: has('nestedValidation') ? nestedTypeOf(type, name) : undefined,
    };
  });
}

/** The values that a field may have, where there are few. */
export function choicesOf(type: Dto, field: string): unknown[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const choice = rules.find(({ propertyName, name }) => propertyName === field && name === 'isIn');
  return [...((choice?.constraints?.[0] as unknown[] | undefined) ?? [])];
}

let samples = 0;

/** An input that its validators accept, with all fields or the required ones; `id` wherever an id is wanted. */
export function sampleOf(type: Dto | undefined, which: 'required' | 'all', id: string): Record<string, unknown> {
  if (type === undefined) return {};
  const fields = fieldsOf(type).filter(({ isRequired, isId }) => isRequired || (which === 'all' && !isId));
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const fitting = candidatesFor(type, name, which, id).find((value) => accepts(type, name, value));
      return fitting === undefined ? [] : [[name, fitting]];
    }),
  );
}

function candidatesFor(type: Dto, name: string, which: 'required' | 'all', id: string): unknown[] {
  const word = `walk-${++samples}`;
  const texts = [...choicesOf(type, name), id, word, `${word}@example.com`, 'EUR', 'orders:read', '192.0.2.0/24'];
  const plain = [...texts, '2090-01-01T00:00:00Z', 1, true];
  const listed = ['user', ...plain].map((value) => [value]);
  const nested = nestedTypeOf(type, name);
  const inside = nested === undefined ? {} : sampleOf(nested, which, id);
  const rather =
    fieldsOf(type).find((field) => field.name === name)?.isId === true ? plain : plain.filter((v) => v !== id);
  return [...rather, ...listed, inside, [inside]];
}

function accepts(type: Dto, name: string, value: unknown): boolean {
  const instance = plainToInstance(type, { [name]: value });
  return !validateSync(instance, { whitelist: true, forbidNonWhitelisted: true }).some(
    ({ property }) => property === name,
  );
}

/** class-transformer makes what the field is declared to hold. */
function nestedTypeOf(type: Dto, name: string): Dto | undefined {
  for (const probe of [[{}], {}]) {
    const made: unknown = Reflect.get(plainToInstance(type, { [name]: probe }), name);
    const value: unknown = Array.isArray(made) ? made[0] : made;
    if (typeof value === 'object' && value !== null && value.constructor !== Object) return value.constructor as Dto;
  }
  return undefined;
}
