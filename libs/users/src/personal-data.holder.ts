import { defineSeam, hasMethods } from '#libs/extensions';

/** A part of what is held about a user; `next` leads to the rest, null when there is none. */
export interface PersonalDataPart {
  readonly items: readonly object[];
  readonly next: string | null;
}

/** Holds something about users that goes into their export and is taken away when they are erased. */
export interface PersonalDataHolder {
  /** The member of the export, in camelCase. */
  readonly section: string;
  /** At most `limit` entries, newest first. The caller has checked who asks. @throws Problem request.invalid_cursor */
  exportOf(userId: string, limit: number, after: string | undefined): Promise<PersonalDataPart>;
  /**
   * Takes everything personal away; runs in the transaction that erases the user, which is two seconds long at most: what
   * takes longer is noted here and done later.
   */
  eraseOf(userId: string): Promise<void>;
}

/** Marks a provider as a PersonalDataHolder. */
export const HoldsPersonalData = defineSeam<PersonalDataHolder>(
  'HoldsPersonalData',
  (candidate): candidate is PersonalDataHolder =>
    hasMethods(candidate, 'exportOf', 'eraseOf') &&
    'section' in candidate &&
    typeof candidate.section === 'string' &&
    /^[a-z][A-Za-z]*$/.test(candidate.section),
);
