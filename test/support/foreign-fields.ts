import { type Dto, fieldsOf, type InputField, sampleOf } from './route-inputs.js';

/** An input in which one field is what is tried out. */
export interface Trial {
  /** Such as `items/0/productId`. */
  readonly name: string;
  /** Undefined: no validator knows it. */
  readonly field: InputField | undefined;
  readonly with: (tried: string) => object;
}

/** One for every field, those inside of others too; `which` fields there are beside it. */
export function declaredTrials(type: Dto | undefined, which: 'required' | 'all', own: string): Trial[] {
  const sample = sampleOf(type, which, own);
  return fieldsOf(type).flatMap((field): Trial[] => {
    const { name, nested, isList } = field;
    const holding = (value: unknown): object => ({ ...sample, [name]: isList ? [value] : value });
    if (nested === undefined) return [{ name, field, with: holding }];
    return declaredTrials(nested, which, own).map((inside) => ({
      name: `${name}/${isList ? '0/' : ''}${inside.name}`,
      field: inside.field,
      with: (tried) => holding(inside.with(tried)),
    }));
  });
}

/** One for each of `names` that no field has. */
export function undeclaredTrials(type: Dto | undefined, names: readonly string[], own: string): Trial[] {
  const declared = fieldsOf(type).map(({ name }) => name);
  if (declared.length === 0) return []; // nobody reads it
  const sample = sampleOf(type, 'required', own);
  return names
    .filter((name) => !declared.includes(name))
    .map((name) => ({ name, field: undefined, with: (tried) => ({ ...sample, [name]: tried }) }));
}
