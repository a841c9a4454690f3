import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { Problem } from './problem.js';
import { RequestValidationPipe } from './validation.pipe.js';

class Window {
  @IsInt()
  @Min(1)
  seconds!: number;
}

class Body {
  @IsEmail()
  @MaxLength(20)
  email!: string;

  @IsInt()
  @Max(9)
  @IsOptional()
  size?: number;

  @ValidateNested()
  @Type(() => Window)
  @IsOptional()
  window?: Window;
}

/** What is told of a body that is refused. */
async function told(body: unknown): Promise<Pick<Problem, 'message' | 'errors'>> {
  const refused: unknown = await new RequestValidationPipe()
    .transform(body, { type: 'body', metatype: Body })
    .catch((error: unknown) => error);
  if (!(refused instanceof Problem)) throw new Error('It was accepted.');
  return { message: refused.message, errors: refused.errors };
}

describe('what is told of a body that is not valid', () => {
  it('says of a field that is missing first of all that it is required', async () => {
    expect(await told({})).toEqual({
      message: 'Not accepted: /email.',
      errors: [
        { pointer: '/email', detail: 'is required: must be an email, must be shorter than or equal to 20 characters' },
      ],
    });
    expect((await told({ email: 'a@example.com', window: {} })).errors).toEqual([
      { pointer: '/window/seconds', detail: 'is required: must be an integer number, must not be less than 1' },
    ]);
  });

  it('names each field once, and begins with its type', async () => {
    expect(await told({ email: 'a@example.com', size: 'ten' })).toEqual({
      message: 'Not accepted: /size.',
      errors: [
        { pointer: '/size', detail: 'must be an integer number' },
        { pointer: '/size', detail: 'must not be greater than 9' },
      ],
    });
  });

  it('says of null that it is not what the field takes: it is there', async () => {
    expect((await told({ email: null })).errors?.[0]).toEqual({ pointer: '/email', detail: 'must be an email' });
  });
});
