import { Injectable, Module } from '@nestjs/common';

/** The time of day as this process sees it; tests put another in its place. Expiry is decided by the database's clock. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}

@Module({ providers: [Clock], exports: [Clock] })
export class ClockModule {}
