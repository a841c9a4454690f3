import { Body, Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { Returns } from '#libs/http';
import { ApiKeyPermissions } from './api-keys.permissions.js';
import { VerificationView, VerifyApiKeyRequest } from './verification.dto.js';
import { VerificationService } from './verification.service.js';

/** For services that keep keys of this installation at their own door. */
@Controller('api-keys/verify')
export class VerificationController {
  constructor(private readonly verification: VerificationService) {}

  /** Judges a key; 200 whatever the outcome. */
  @Post()
  @RequirePermissions(ApiKeyPermissions.verify)
  @Returns(200, VerificationView)
  verifyApiKey(
    @CurrentPrincipal() principal: Principal,
    @Body() request: VerifyApiKeyRequest,
    @Req() { context }: Request,
  ): Promise<VerificationView> {
    return this.verification.verify(principal, request, context);
  }
}
