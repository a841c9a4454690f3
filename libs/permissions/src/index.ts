export { AccessChanges, type AccessChange } from './access-changes.js';
export { Administrators } from './administrators.js';
export { HoldsGrants, type GrantChange, type GrantHolder } from './grant-holder.js';
export { PermissionsModule } from './permissions.module.js';
export { AdministratorProblems, RoleProblems } from './permissions.problems.js';
export { GrantPermissions } from './permissions.permissions.js';
export { RoleAssignments } from './role-assignments.js';
export { ADMIN_ROLE, USER_ROLE, type Role } from './role.entity.js';
export { RoleRepository } from './role.repository.js';
