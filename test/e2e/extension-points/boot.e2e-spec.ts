import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import {
  AccessModule,
  Authenticates,
  definePermissions,
  ObservesAccess,
  Public,
  RequirePermissions,
} from '#libs/access';
import { UsageSink } from '#libs/analytics';
import { AuditSink } from '#libs/audit';
import { HealthProbe } from '#libs/health';
import { defineProblems, TranslatesErrors } from '#libs/http';
import { ReportsMetrics } from '#libs/metrics';
import { HoldsGrants } from '#libs/permissions';
import { SecurityDetector } from '#libs/security';
import { HoldsPersonalData, TakesPartInUserRemoval } from '#libs/users';
import { createApp } from '../../../apps/api/src/create-app.js';
import { CapturingLogger } from '../../support/capturing-logger.js';
import { createTestDatabase, dropTestDatabase } from '../../support/test-database.js';

const Declared = definePermissions('boots', { wear: 'Wear boots' });
const DeclaredAgain = definePermissions('boots', { wear: 'Wear the same boots' });
const Undeclared = definePermissions('slippers', { wear: 'Wear slippers' });

@Controller('boots')
class ForgetfulController {
  @Get('left') left(): void {}
  @Get('right') @Public() right(): void {}
}
@Module({ controllers: [ForgetfulController] })
class ForgetfulFeature {}

@Module({ imports: [AccessModule.forFeature(Declared), AccessModule.forFeature(DeclaredAgain)] })
class DoublingFeature {}

@Controller('slippers')
class PresumptuousController {
  @Get() @RequirePermissions(Undeclared.wear) wear(): void {}
}
@Module({ controllers: [PresumptuousController] })
class PresumptuousFeature {}

const detectorOf = (name: string): Type => {
  @SecurityDetector()
  @Injectable()
  class TwinDetector {
    readonly name = name;
    examine(): void {}
  }
  return TwinDetector;
};
@Module({ providers: [detectorOf('brute-force')] })
class TwinFeature {}

const seams = [
  Authenticates,
  ObservesAccess,
  TranslatesErrors,
  TakesPartInUserRemoval,
  HoldsPersonalData,
  HealthProbe,
  ReportsMetrics,
  HoldsGrants,
  SecurityDetector,
  UsageSink,
  AuditSink,
];

describe('the boot', () => {
  let databaseUrl: string;
  const bootWith = async (feature: Type): Promise<string> => {
    const failure = await createApp(databaseUrl, new CapturingLogger(), {}, [feature]).catch(String);
    if (typeof failure === 'string') return failure;
    await failure.close();
    return 'no failure';
  };

  beforeAll(async () => {
    databaseUrl = await createTestDatabase();
    process.env.SECRET_KEY ??= 'a secret for tests that is long enough';
  });
  afterAll(() => dropTestDatabase(databaseUrl));

  it('stops at a route that does not say who may call it, and names it', async () => {
    const failure = await bootWith(ForgetfulFeature);
    expect(failure).toContain(
      'ForgetfulController.left (GET /boots/left) needs @RequirePermissions(...), @Authenticated() or @Public()',
    );
    expect(failure).not.toContain('right');
  });

  it('stops at a permission that is declared twice', async () => {
    expect(await bootWith(DoublingFeature)).toContain('The permission boots:wear is declared twice.');
  });

  it('stops at a route that requires a permission which nobody declares', async () => {
    expect(await bootWith(PresumptuousFeature)).toContain(
      'PresumptuousController.wear (GET /slippers) requires slippers:wear, which no feature declares',
    );
  });

  it('stops at a problem that is declared twice', () => {
    defineProblems('boot', { leaky: { status: 409, title: 'The boot leaks', remedy: 'Mend it.' } });
    expect(() => defineProblems('boot', { leaky: { status: 409, title: 'Again', remedy: 'Mend it.' } })).toThrow(
      'The problem boot.leaky is declared twice.',
    );
  });

  it.each(seams.map((seam) => [seam.title, seam] as const))(
    'stops at a class with @%s() that does not do what the seam needs, and names it',
    async (title, seam) => {
      @seam()
      @Injectable()
      class Impostor {}
      @Module({ providers: [Impostor] })
      class ImpostorFeature {}
      expect(await bootWith(ImpostorFeature)).toContain(`@${title}() Impostor does not implement ${title}.`);
    },
  );

  it('stops at two detectors of one name', async () => {
    expect(await bootWith(TwinFeature)).toContain('Two security detectors have the name brute-force');
  });
});
