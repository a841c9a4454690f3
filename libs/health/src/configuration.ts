import { declaredConfigs } from '#libs/config';
import { SettingView } from './system.dto.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Every declared variable, by name; of a secret it is only told whether it is set. */
export function configuration(environment: Environment): SettingView[] {
  const views = declaredConfigs().flatMap(({ subject, variables }) =>
    variables.map(({ name, about, fallback, secret }) => {
      const raw = environment[name];
      const isSet = raw !== undefined && raw !== '';
      const value = secret ? null : isSet ? raw : (fallback ?? null);
      return Object.assign(new SettingView(), { name, feature: subject, about, isSet, secret, value });
    }),
  );
  return views.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
