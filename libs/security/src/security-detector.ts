import type { Principal } from '#libs/access';
import type { Caller, Problem, RequestContext } from '#libs/http';
import { defineSeam, hasMethods } from '#libs/extensions';

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** One call as a detector sees it: let in, or refused with a reason; or a credential that a service had judged and refused. */
export interface ExaminedCall {
  readonly outcome: 'admitted' | 'refused';
  /** Whose credential it was, as far as that is known; it need not have been proved. */
  readonly caller: Caller;
  /** Why it was refused; null when it was admitted. Its `reason` may say more than the client is told. */
  readonly problem: Problem | null;
  /** The call; where there is an asker, theirs. */
  readonly call: RequestContext;
  /** From where the credential was presented; null when the asker did not say. */
  readonly address: string | null;
  /** The service that had the credential judged; null for a call that was made with it. */
  readonly asker: Principal | null;
}

/** Something worth a person's look; becomes a security event. */
export interface Detection {
  /** About whom or what, such as `key <id>`: the same subject is reported once in ten minutes. */
  readonly subject: string;
  readonly severity: Severity;
  /** One line, the same for every detection of its kind. */
  readonly title: string;
  /** What happened, in a sentence or two, with its figures. Never a secret. */
  readonly summary: string;
  readonly keyId?: string | null;
  readonly userId?: string | null;
  /** Whose administrators see the event; absent or null: those of the installation alone. */
  readonly organizationId?: string | null;
  readonly address?: string | null;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Looks at calls and says when something is wrong. It changes no outcome and locks nobody. */
export interface Detector {
  /** Unique, such as `brute-force`: lower-case words joined by dashes. */
  readonly name: string;
  /** Absent: refused calls only. `all` is asked on the way of every call, so it has to be quick. */
  readonly hears?: 'refused' | 'all';
  /** Runs between a call's guards: it must not wait, and what it remembers must be bounded. */
  examine(examined: ExaminedCall): Detection | readonly Detection[] | undefined;
}

/** Marks a provider as a Detector. */
export const SecurityDetector = defineSeam<Detector>(
  'SecurityDetector',
  (candidate): candidate is Detector =>
    hasMethods(candidate, 'examine') &&
    'name' in candidate &&
    typeof candidate.name === 'string' &&
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(candidate.name),
);
