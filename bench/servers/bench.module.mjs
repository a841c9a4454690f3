import { Controller, Get, Module } from '@nestjs/common';
import { AccessModule, definePermissions, RequirePermissions } from '#libs/access';

const BenchPermissions = definePermissions('bench', { read: 'Call the route that the benchmark measures' });

class BenchView {
  status = 'ok';
}
/** Of a class and made once, like the answer of the public route. */
const view = Object.freeze(new BenchView());

/** GET /api/v1/bench/protected: the smallest route that needs a permission. Plain Node, so decorators are called. */
class BenchController {
  protected() {
    return view;
  }
}
const route = Object.getOwnPropertyDescriptor(BenchController.prototype, 'protected');
Get('protected')(BenchController.prototype, 'protected', route);
RequirePermissions(BenchPermissions.read)(BenchController.prototype, 'protected', route);
Controller('bench')(BenchController);

export class BenchModule {}
Module({ imports: [AccessModule.forFeature(BenchPermissions)], controllers: [BenchController] })(BenchModule);
