import type { ObjectLiteral } from 'typeorm';

/** The organization to which somebody is bound; null for whoever reaches over all of them. */
export type Scope = string | null;

/** A row that belongs to an organization; null: to the installation. An organization belongs to itself. */
export type OwnedRow = ObjectLiteral & { readonly organizationId: string | null };

/** A row that belongs to nobody, or to what a row of another table says. */
export type UnownedRow = ObjectLiteral & { readonly organizationId?: never };

/** By class, for a table's name would tell the compiler nothing about its rows. */
export type EntityClass<E> = new () => E;
