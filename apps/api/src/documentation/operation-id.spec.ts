import { operationId } from './operation-id.js';

describe('operationId', () => {
  it.each([
    ['UsersController', 'list', 'listUsers'],
    ['UsersController', 'read', 'readUser'],
    ['UsersController', 'assignRoles', 'assignRoles'],
    ['AdminApiKeysController', 'issue', 'issueAdminApiKey'],
    ['AnalyticsController', 'read', 'readAnalytics'],
    ['ProfileController', 'change', 'changeProfile'],
  ])('%s.%s is %s', (controller, method, expected) => {
    expect(operationId(controller, method)).toBe(expected);
  });
});
