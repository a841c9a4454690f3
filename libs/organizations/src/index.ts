export { DEFAULT_ORGANIZATION_ID } from './organization.entity.js';
export { OrganizationRepository } from './organization.repository.js';
export { OrganizationsModule } from './organizations.module.js';
export { OrganizationProblems } from './organizations.problems.js';
export { OrganizationPermissions } from './organizations.permissions.js';
