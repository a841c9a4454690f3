export { HoldsPersonalData, type PersonalDataHolder, type PersonalDataPart } from './personal-data.holder.js';
export { LegacyUserImporter } from './legacy-user.importer.js';
export { UserRegistrar } from './user-registrar.js';
export { TakesPartInUserRemoval, type UserRemovalParticipant } from './user-removal.js';
export { UserRepository } from './user.repository.js';
export { CreateUserRequest } from './users.dto.js';
export { AccountProblems } from './users.problems.js';
export { UsersModule } from './users.module.js';
export { UserPermissions } from './users.permissions.js';
