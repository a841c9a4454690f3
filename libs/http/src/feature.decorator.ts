import { SetMetadata } from '@nestjs/common';

/** What a feature is called and what it is about, in Markdown: the heading of its routes in the documentation. */
export interface FeatureDescription {
  readonly title: string;
  readonly about: string;
}

const FEATURE = 'keyward:feature';

/** Put on a feature's module; without it the feature is documented under the module's name. */
export function Feature(title: string, about: string): ClassDecorator {
  return SetMetadata(FEATURE, { title, about } satisfies FeatureDescription);
}

/** What `@Feature` declared on a module. */
export function featureOf(module: object): FeatureDescription | undefined {
  const found: unknown = Reflect.getMetadata(FEATURE, module);
  return isDescription(found) ? found : undefined;
}

function isDescription(value: unknown): value is FeatureDescription {
  return typeof value === 'object' && value !== null && 'title' in value && 'about' in value;
}
