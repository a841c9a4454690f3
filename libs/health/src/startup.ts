import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';

/** Whether the boot has finished: migrations applied, modules made and initialised. */
@Injectable()
export class Startup implements OnApplicationBootstrap {
  private finished = false;

  get isFinished(): boolean {
    return this.finished;
  }

  onApplicationBootstrap(): void {
    this.finished = true;
  }
}
