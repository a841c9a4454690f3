import { type EntitySubscriberInterface, EventSubscriber, type ObjectLiteral, type UpdateEvent } from 'typeorm';

/** A row stays with its organization for ever, whoever saves it and whatever they wrote into it. */
@EventSubscriber()
export class OwnershipSubscriber implements EntitySubscriberInterface<ObjectLiteral> {
  /** @throws Error, and the transaction is given up: whoever gets here has a mistake in their code */
  beforeUpdate({ entity, databaseEntity, metadata }: UpdateEvent<ObjectLiteral>): void {
    const column = metadata.findColumnWithPropertyName('organizationId');
    if (column === undefined || entity === undefined || databaseEntity === undefined) return;
    const wanted: unknown = column.getEntityValue(entity);
    if (wanted === undefined || wanted === column.getEntityValue(databaseEntity)) return;
    throw new Error(`A row of ${metadata.tableName} was about to be moved to another organization.`);
  }
}
