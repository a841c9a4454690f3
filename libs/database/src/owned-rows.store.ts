import type { DeepPartial, QueryDeepPartialEntity, Repository } from 'typeorm';
import type { OwnedRow } from './owned-row.js';

/** Writes rows, each as a whole; which they are was decided when they were read within a scope, or made. */
export class OwnedRowsStore<E extends OwnedRow> {
  constructor(private readonly rows: Repository<E>) {}

  async insert(row: E & QueryDeepPartialEntity<E>): Promise<void> {
    await this.rows.insert(row);
  }

  /** Writes what differs from what is stored. @throws Error when the row is stored as another organization's */
  async save(row: E & DeepPartial<E>): Promise<void> {
    await this.rows.save(row, { reload: false });
  }

  /** The same for several. */
  async saveAll(rows: readonly (E & DeepPartial<E>)[]): Promise<void> {
    await this.rows.save([...rows], { reload: false });
  }

  async delete(row: E): Promise<void> {
    await this.rows.createQueryBuilder().delete().whereInIds(this.rows.metadata.getEntityIdMap(row)).execute();
  }
}
