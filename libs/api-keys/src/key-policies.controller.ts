import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { AccessProblems, CurrentPrincipal, type Principal, RequirePermissions } from '#libs/access';
import { HonoursIfMatch, Id, MayFailWith, RequestProblems, Returns } from '#libs/http';
import { KeyPoliciesView, KeyPolicyView, SetKeyPolicyRequest } from './key-policies.dto.js';
import { KeyPolicyPermissions } from './key-policies.permissions.js';
import { KeyPoliciesService } from './key-policies.service.js';

/** `{environment}` is the name of one, or `*` for all. */
@Controller('admin/organizations/:id/key-policies')
export class KeyPoliciesController {
  constructor(private readonly policies: KeyPoliciesService) {}

  /** Lists the policies for the keys of an organization. */
  @Get()
  @RequirePermissions(KeyPolicyPermissions.read)
  @Returns(200, KeyPoliciesView)
  @MayFailWith(RequestProblems.notFound)
  async listKeyPolicies(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<KeyPoliciesView> {
    const policies = await this.policies.list(principal, id);
    return { items: policies.map((policy) => KeyPolicyView.of(policy)), next: null };
  }

  /** Reads the policy for the keys of one environment, or with `*` that for all environments. */
  @Get(':environment')
  @RequirePermissions(KeyPolicyPermissions.read)
  @Returns(200, KeyPolicyView)
  @MayFailWith(RequestProblems.notFound)
  async readKeyPolicy(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Param('environment') environment: string,
  ): Promise<KeyPolicyView> {
    return KeyPolicyView.of(await this.policies.get(principal, id, environment));
  }

  /**
   * Sets the whole policy for the keys of one environment, or with `*` for all environments. It holds for every key that is
   * issued, rotated, enabled or changed from now on; keys that work are left as they are.
   */
  @Put(':environment')
  @RequirePermissions(KeyPolicyPermissions.manage)
  @Returns(200, KeyPolicyView)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound, AccessProblems.unknown)
  async setKeyPolicy(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Param('environment') environment: string,
    @Body() request: SetKeyPolicyRequest,
  ): Promise<KeyPolicyView> {
    return KeyPolicyView.of(await this.policies.set(principal, id, environment, request));
  }

  /** Removes the policy for the keys of one environment, or with `*` that for all environments. */
  @Delete(':environment')
  @RequirePermissions(KeyPolicyPermissions.manage)
  @Returns(204)
  @HonoursIfMatch()
  @MayFailWith(RequestProblems.notFound)
  removeKeyPolicy(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Param('environment') environment: string,
  ): Promise<void> {
    return this.policies.remove(principal, id, environment);
  }
}
