import { Injectable, Param, type PipeTransform } from '@nestjs/common';
import { isUuid } from './uuid-v7.js';
import { invalid } from './validation.pipe.js';

@Injectable()
class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (isUuid(value)) return value.toLowerCase();
    throw invalid([{ pointer: '/id', detail: 'must be a UUID' }]);
  }
}

/** The `{id}` of the path; anything but a UUID is 400. */
export function Id(): ParameterDecorator {
  return Param('id', IdPipe);
}
