import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Principal } from '#libs/access';
import { defineSeam, hasMethods } from '#libs/extensions';

/** Owns something that must go, or be closed, with a user. */
export interface UserRemovalParticipant {
  /** Runs in the transaction that removes the user; throwing undoes the removal. */
  userRemoved(principal: Principal, userId: string, now: Date): Promise<void>;
}

/** Marks a provider as a UserRemovalParticipant. */
export const TakesPartInUserRemoval = defineSeam<UserRemovalParticipant>(
  'TakesPartInUserRemoval',
  (candidate): candidate is UserRemovalParticipant => hasMethods(candidate, 'userRemoved'),
);

@Injectable()
export class UserRemoval implements OnModuleInit {
  private participants: UserRemovalParticipant[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.participants = TakesPartInUserRemoval.collect(this.discovery);
  }

  async removed(principal: Principal, userId: string, now: Date): Promise<void> {
    for (const participant of this.participants) await participant.userRemoved(principal, userId, now);
  }
}
