import type { Type } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type as Convert } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Optional } from './optional.decorators.js';

/** What every list understands. */
export class PageQuery {
  /** How many items at most. */
  @Optional()
  @Convert(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  @ApiProperty({ type: 'integer', required: false, default: 20 })
  limit = 20;

  /** `next` of the previous page; absent for the first. */
  @Optional()
  @IsString()
  @MaxLength(1024)
  after?: string;
}

/** One page of a list; `next` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const pages = new Map<Type, Type<Page<unknown>>>();

/** The class of a page of `item`, for the OpenAPI document. */
export function PageOf<T>(item: Type<T>): Type<Page<unknown>> {
  const known = pages.get(item);
  if (known !== undefined) return known;
  class ItemPage implements Page<T> {
    @ApiProperty({ type: [item] })
    readonly items: T[];

    @ApiProperty({
      type: String,
      nullable: true,
      description: 'Pass it as `after` for the next page; null on the last.',
    })
    readonly next: string | null;
  }
  Object.defineProperty(ItemPage, 'name', { value: `${item.name}Page` });
  pages.set(item, ItemPage);
  return ItemPage;
}
