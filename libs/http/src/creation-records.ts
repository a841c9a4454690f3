import type { ResourceFacts } from './resource.js';

/** A request as far as it matters whether it comes again. */
export interface RepeatableRequest {
  /** SHA-256 of who sent it where under which Idempotency-Key. */
  readonly identity: Buffer;
  /** SHA-256 of the Idempotency-Key and of all that the request says. */
  readonly content: Buffer;
}

/** The answer to a creation, without what is shown once. */
export interface RecordedCreation {
  /** JSON. */
  readonly body: string;
  readonly about: ResourceFacts | undefined;
}

/** Keeps the answers to creations for 24 hours. The database implements it; the edge does not know how. */
export abstract class CreationRecords {
  /**
   * Runs `create` in a transaction, with the record of its answer in the same one, so that neither is ever there without
   * the other; resolves to undefined then. Where the same request has succeeded before, nothing is run and its answer is
   * returned. What fails leaves no record.
   * @throws Problem request.idempotency_in_progress, request.idempotency_mismatch
   */
  abstract once(
    request: RepeatableRequest,
    create: () => Promise<RecordedCreation>,
  ): Promise<RecordedCreation | undefined>;
}
