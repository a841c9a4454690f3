import { DiscoveryService } from '@nestjs/core';

/**
 * A place where a feature plugs in: the decorator marks a provider, the owner of the seam collects all that are marked.
 * Core never imports a plug-in; it only knows the interface `T`.
 */
export interface Seam<T> {
  (): ClassDecorator;
  readonly title: string;
  /** Every marked provider of the application, in the order of their modules. */
  collect(discovery: DiscoveryService): T[];
}

/**
 * Makes a seam. `accepts` checks a plug-in at boot.
 * @throws Error from `collect` when a marked class lacks what the seam needs; the message names the class.
 */
export function defineSeam<T extends object>(title: string, accepts: (candidate: object) => candidate is T): Seam<T> {
  const mark = DiscoveryService.createDecorator<undefined>();
  const collect = (discovery: DiscoveryService): T[] =>
    discovery.getProviders({ metadataKey: mark.KEY }).map((wrapper) => {
      const instance: unknown = wrapper.instance;
      if (typeof instance === 'object' && instance !== null && accepts(instance)) return instance;
      throw new Error(`@${title}() ${wrapper.name} does not implement ${title}.`);
    });
  return Object.assign(() => mark(), { title, collect });
}

/** True when `candidate` has a method of each of these names. */
export function hasMethods(candidate: object, ...methods: readonly string[]): boolean {
  return methods.every((method) => method in candidate && typeof Reflect.get(candidate, method) === 'function');
}
