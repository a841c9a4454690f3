export const faultKinds = [
  'altered',
  'back_dated',
  'reordered',
  'inserted',
  'missing',
  'tail_cut',
  'forged',
  'rewritten',
  'checkpoint_invalid',
] as const;

/**
 * What is wrong with a row: its content or hash was `altered` (`back_dated`: its time moved before the row before it), it
 * was `reordered` with the next, `inserted`, is `missing`, or is the first of a `tail_cut`; a hash was `forged` by somebody
 * without the key of the installation; rows were `rewritten` since a checkpoint; or a `checkpoint_invalid` was given.
 */
export type FaultKind = (typeof faultKinds)[number];

/** The first row that is wrong. */
export interface ChainFault {
  readonly kind: FaultKind;
  /** Null for a row without one. */
  readonly position: number | null;
  /** Where it is known only that one of several rows is the first wrong one: the last of them. */
  readonly until?: number;
  /** Of the row, where there is one. */
  readonly id: string | null;
  /** For a person. */
  readonly detail: string;
}
