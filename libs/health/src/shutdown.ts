import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { KeywardHttpAdapter } from '#libs/http';

/** Whether this process is on its way out. */
@Injectable()
export class Shutdown implements OnModuleDestroy {
  private begun = false;

  constructor(private readonly host: HttpAdapterHost) {}

  /**
   * Call it at the first SIGTERM, before the application is closed: from now on readiness fails and every answer asks its
   * client to connect elsewhere, while what still arrives is served.
   */
  begin(): void {
    this.begun = true;
    const { httpAdapter } = this.host;
    if (httpAdapter instanceof KeywardHttpAdapter) httpAdapter.beginDrain();
  }

  get draining(): boolean {
    const { httpAdapter } = this.host;
    return this.begun || (httpAdapter instanceof KeywardHttpAdapter && httpAdapter.isDraining);
  }

  /** For whoever closes the application without a signal. */
  onModuleDestroy(): void {
    this.begin();
  }
}
