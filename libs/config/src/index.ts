export { assertConfiguration, Config, ConfigError, declaredConfigs, type ConfigDeclaration } from './config.js';
export { unreadVariables, type UnreadVariable } from './unread-variables.js';
export { choice, integer, list, optional, rate, text, type Rate, type Variable } from './variable.js';
