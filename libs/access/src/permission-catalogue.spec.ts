import type { DiscoveryService } from '@nestjs/core';
import { DeclaredPermissions, PermissionCatalogue } from './permission-catalogue.js';
import { definePermissions } from './permission.js';

const catalogueOf = (...sets: { all: ReturnType<typeof definePermissions>['all'] }[]): PermissionCatalogue => {
  const providers = sets.map(({ all }) => ({ instance: new DeclaredPermissions(all) }));
  return new PermissionCatalogue({
    getProviders: () => [{ instance: undefined }, { instance: {} }, ...providers],
  } as unknown as DiscoveryService);
};
const users = definePermissions('users', { read: 'Read users', 'bulk-lock': 'Lock many users' });

describe('declared permissions', () => {
  it('have their name, their words and a member in camel case', () => {
    expect(users.bulkLock).toBe('users:bulk-lock');
    expect(users.all).toEqual([
      { name: 'users:read', description: 'Read users', category: 'users' },
      { name: 'users:bulk-lock', description: 'Lock many users', category: 'users' },
    ]);
  });

  it('stand under another heading when told so', () => {
    expect(definePermissions('orders', { read: 'Read orders' }, 'protected operations').all[0]?.category).toBe(
      'protected operations',
    );
  });
});

describe('the permission catalogue', () => {
  it('knows what every feature declared, and nothing else', () => {
    const catalogue = catalogueOf(users, definePermissions('orders', { read: 'Read orders' }));
    expect([...catalogue.names()]).toEqual(['users:read', 'users:bulk-lock', 'orders:read']);
    expect([catalogue.has('users:read'), catalogue.has('users:*'), catalogue.has('users:write')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['*', true],
    ['users:*', true],
    ['users:read', true],
    ['nothing:*', false],
    ['user:*', false],
    ['users:write', false],
    ['', false],
  ])('says of the grant %j: %p', (grant, known) => {
    expect(catalogueOf(users).isGrant(grant)).toBe(known);
  });

  it('stops the boot when a permission is declared twice', () => {
    expect(() => catalogueOf(users, definePermissions('users', { read: 'Again' })).all()).toThrow(
      'users:read is declared twice',
    );
  });

  it.each([
    ['Users', 'read'],
    ['users', '*'],
    ['users', 'read all'],
    ['', 'read'],
  ])('stops the boot for the permission %s:%s', (subject, action) => {
    expect(() => catalogueOf(definePermissions(subject, { [action]: 'x' })).all()).toThrow('not of the form');
  });
});
