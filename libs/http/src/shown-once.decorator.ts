const SHOWN_ONCE = 'keyward:shown-once';

/**
 * The member of a response holds a secret that is shown once: where the answer to a creation is kept to be replayed, it
 * is null instead. Its type has to allow that.
 */
export function ShownOnce(): PropertyDecorator {
  return (target, name) => Reflect.defineMetadata(SHOWN_ONCE, true, target, name);
}

/** The JSON of a response as it may be stored: without what is shown once, at any depth. */
export function withoutShownOnce(body: unknown): string {
  // the replacer is called on the object that holds the member
  return JSON.stringify(body ?? null, function replace(this: object, name: string, value: unknown): unknown {
    return Reflect.getMetadata(SHOWN_ONCE, this, name) === true ? null : value;
  });
}
