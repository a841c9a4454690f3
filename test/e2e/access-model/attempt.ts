import type { AccessModel, Key, Role, User } from './access.model.js';
import type { Step } from './sequence.js';

/** A call, and what the model says of it. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** The permission that the route requires; null when any accepted key may call it. */
  readonly needs: string | null;
  /** The code with which the call is refused even to a caller who has that permission. */
  readonly refusal?: string | undefined;
  /** What the answer to an admitted call says. */
  readonly shows?: Readonly<Record<string, unknown>>;
  /** The part of the answer that `shows` is about, where that is not the whole body as it is. */
  readonly view?: (body: any) => Record<string, unknown>;
  /** What the admitted call makes of the model; `body`: of the answer, for ids and secrets. */
  readonly effect?: (body: any) => void;
}

/** A step with its numbers made into things of the world as it is. */
export interface Cast {
  readonly model: AccessModel;
  readonly actor: Key;
  readonly step: Step;
  readonly user: User;
  readonly key: Key;
  readonly role: Role;
}

/** The code of the first rule that is broken, in the order in which they are judged. */
export const first = (...rules: readonly (readonly [broken: boolean, code: string])[]): string | undefined =>
  rules.find(([broken]) => broken)?.[1];
