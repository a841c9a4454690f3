import { AnalyticsModule } from '#libs/analytics';
import { ApiKeysModule } from '#libs/api-keys';
import { AuditModule } from '#libs/audit';
import { HealthModule } from '#libs/health';
import { OrdersModule } from '#libs/orders';
import { OrganizationsModule } from '#libs/organizations';
import { PermissionsModule } from '#libs/permissions';
import { SecurityModule } from '#libs/security';
import { UsersModule } from '#libs/users';

/** What this installation consists of. A team adds its feature here, in one line. */
export const features = [
  OrganizationsModule,
  UsersModule,
  PermissionsModule,
  ApiKeysModule,
  SecurityModule,
  AnalyticsModule,
  AuditModule,
  HealthModule,
  OrdersModule,
];
