/** A salted hash as it was made elsewhere: only trying a key tells whether it is the one. */
export interface SaltedForm {
  /** The same hash always reads the same, however it was written in the file. */
  readonly text: string;
  /** May take some tenths of a second, outside the event loop. */
  verify(key: string): Promise<boolean>;
}
