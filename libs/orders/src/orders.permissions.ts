import { definePermissions } from '#libs/access';

export const OrderPermissions = definePermissions(
  'orders',
  {
    create: 'Place orders',
    read: 'Read one’s own orders',
    update: 'Change one’s own open orders',
    cancel: 'Cancel one’s own open orders',
    delete: 'Delete one’s own orders',
  },
  'protected operations',
);
