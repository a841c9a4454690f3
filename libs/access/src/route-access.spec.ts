import { Controller, Delete, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, MetadataScanner } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AccessModule } from './access.module.js';
import { PermissionCatalogue } from './permission-catalogue.js';
import { definePermissions } from './permission.js';
import { Authenticated, Public, RequirePermissions, RouteAccessTable } from './route-access.js';

const Things = definePermissions('things', { read: 'Read things', delete: 'Delete things' });
const Undeclared = definePermissions('ghosts', { see: 'See ghosts' });

const boot = async (...controllers: Type[]): Promise<RouteAccessTable> => {
  @Module({
    imports: [DiscoveryModule, AccessModule.forFeature(Things)],
    controllers,
    providers: [RouteAccessTable, PermissionCatalogue, MetadataScanner],
  })
  class Routes {}
  const app = await Test.createTestingModule({ imports: [Routes] }).compile();
  await app.init();
  return app.get(RouteAccessTable);
};

describe('the access of routes', () => {
  it('is known for every route, from its own decorator or its controller’s', async () => {
    @Controller('things')
    @RequirePermissions(Things.read)
    class ThingsController {
      @Get() list(): void {}
      @Delete() @RequirePermissions(Things.read, Things.delete) remove(): void {}
      @Get('mine') @Authenticated() mine(): void {}
      @Get('open') @Public() open(): void {}
      notARoute(): void {}
    }
    const table = await boot(ThingsController);
    const of = (name: keyof ThingsController): unknown => table.of(ThingsController.prototype[name]);
    expect(of('list')).toEqual({ public: false, required: ['things:read'] });
    expect(of('remove')).toEqual({ public: false, required: ['things:read', 'things:delete'] });
    expect(of('mine')).toEqual({ public: false, required: [] });
    expect(of('open')).toEqual({ public: true });
    expect(table.ofRoute('GET', '/api/v1/things')).toEqual({ public: false, required: ['things:read'] });
    expect(table.ofRoute('HEAD', '/things')).toEqual({ public: false, required: ['things:read'] });
    expect(table.ofRoute('GET', '/api/v1/things/open')).toEqual({ public: true });
    expect(table.ofRoute('POST', '/api/v1/things')).toBeUndefined();
    expect(table.ofRoute('GET', '/api/v1/other')).toBeUndefined();
    expect(of('notARoute')).toBeUndefined();
  });

  it('stops the boot with every route that names none', async () => {
    @Controller('forgotten')
    class ForgottenController {
      @Get() one(): void {}
      @Delete(':id') other(): void {}
      @Get('fine') @Public() fine(): void {}
    }
    const failure = await boot(ForgottenController).catch(String);
    expect(failure).toContain(
      'ForgottenController.one (GET /forgotten) needs @RequirePermissions(...), @Authenticated() or @Public()',
    );
    expect(failure).toContain('ForgottenController.other (DELETE /forgotten/:id)');
    expect(failure).not.toContain('fine');
  });

  it('stops the boot when a route requires a permission that nobody declared', async () => {
    @Controller('haunted')
    class HauntedController {
      @Get() @RequirePermissions(Things.read, Undeclared.see) visit(): void {}
    }
    await expect(boot(HauntedController)).rejects.toThrow(
      'HauntedController.visit (GET /haunted) requires ghosts:see, which no feature declares',
    );
  });
});
