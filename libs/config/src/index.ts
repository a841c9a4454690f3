export { assertConfiguration, Config, ConfigError, declaredConfigs, type ConfigDeclaration } from './config.js';
export { choice, integer, list, optional, rate, text, type Rate, type Variable } from './variable.js';
