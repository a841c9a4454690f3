/** As many rows as one transaction stores well within its two seconds. */
const BATCH_ROWS = 250;

/** Rows in batches of which each is for one transaction. Where reading fails, what was read before comes first. */
export async function* rowBatches<T>(rows: AsyncIterable<T> | Iterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  try {
    for await (const row of rows) {
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
