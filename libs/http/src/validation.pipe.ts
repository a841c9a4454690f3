import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { notAParameter, pointerTo } from './input-fault.js';
import { RequestProblems } from './http.problems.js';
import { assertStorable, forbiddenNames } from './json-body.js';
import { type InputFault, Problem } from './problem.js';

const primitives = new Set<unknown>([String, Number, Boolean, Array, Object, undefined]);

/** Turns bodies and queries into their classes; whatever is wrong with them is told at once, field by field. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  async transform(value: unknown, { metatype, type }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || metatype === undefined || primitives.has(metatype)) return value;
    if (!isPlainObject(value)) {
      throw new Problem(RequestProblems.invalid, {
        detail: 'The body must be a JSON object.',
        errors: [{ pointer: '', detail: 'must be an object' }],
      });
    }
    const taken = type === 'query' ? fieldsOf(metatype) : [];
    if (type !== 'body') assertStorableValues(value, taken);
    const instance: object = plainToInstance<object, object>(metatype, value);
    const faults = await validate(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
    if (faults.length > 0)
      throw invalid(
        faults.flatMap((fault) =>
          type === 'query' && isUnknown(fault) ? notAParameter(fault.property, taken) : flatten(fault, ''),
        ),
      );
    return instance;
  }
}

/** A Problem request.invalid for these faults. */
export function invalid(errors: readonly InputFault[]): Problem {
  const fields = [...new Set(errors.map(({ pointer }) => pointer || '/'))].join(', ');
  return new Problem(RequestProblems.invalid, { detail: `Not accepted: ${fields}.`, errors });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields that a class declares a rule for; others are refused. */
function fieldsOf(metatype: Function): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(metatype, '', true, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

function isUnknown({ constraints }: ValidationError): boolean {
  return constraints?.whitelistValidation !== undefined;
}

function assertStorableValues(values: Record<string, unknown>, taken: readonly string[]): void {
  for (const [name, value] of Object.entries(values)) {
    // class-validator takes what an object inherits for a field that it knows
    if (forbiddenNames.has(name)) throw invalid([notAParameter(name, taken)]);
    if (typeof value === 'string') assertStorable(value, `The parameter ${name}`);
  }
}

function flatten(fault: ValidationError, parent: string): InputFault[] {
  const pointer = pointerTo(fault.property, parent);
  const rules = Object.values(fault.constraints ?? {}).map((rule) => withoutName(rule, fault.property));
  const broken = rules.toReversed(); // class-validator tells the last rule of a field first; the first says of what type it is
  const details = fault.value === undefined && broken.length > 0 ? [`is required: ${broken.join(', ')}`] : broken;
  const own = details.map((detail) => ({ pointer, detail }));
  return [...own, ...(fault.children ?? []).flatMap((child) => flatten(child, pointer))];
}

/** The pointer names the field, so the sentence need not: "name must be shorter" becomes "must be shorter". */
function withoutName(detail: string, property: string): string {
  return detail.startsWith(`${property} `) ? detail.slice(property.length + 1) : detail;
}
