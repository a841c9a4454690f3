import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '#libs/access';
import {
  AnyQuery,
  HttpConfig,
  MayFailWith,
  Problem,
  problemCatalogue,
  type ProblemDefinition,
  RequestProblems,
} from '#libs/http';
import { PROBLEM_PAGE_POLICY, problemIndex, problemPage } from './problem-pages.js';
import { ProblemListView, ProblemView } from './problems.dto.js';
import { basePathOf, sendPage, servedPage } from './served-page.js';

const html = { schema: { type: 'string' } };

/** The catalogue of problems: a page for people, JSON for programs, as the Accept header asks for. */
@Controller('problems')
@Public()
@AnyQuery()
@ApiExtraModels(ProblemListView, ProblemView)
export class ProblemsController {
  private readonly baseUrl: string;
  private readonly basePath: string;

  constructor({ baseUrl }: HttpConfig) {
    this.baseUrl = baseUrl;
    this.basePath = basePathOf(baseUrl);
  }

  /** Lists every problem that may be answered. */
  @Get()
  @ApiResponse({
    status: 200,
    description: 'The problems, by code.',
    content: { 'application/json': { schema: { $ref: getSchemaPath(ProblemListView) } }, 'text/html': html },
  })
  list(@Req() request: Request, @Res() response: Response): void {
    const problems = [...problemCatalogue().values()].toSorted((a, b) => a.code.localeCompare(b.code));
    const items = problems.map((problem) => ProblemView.of(problem, this.baseUrl));
    this.answer({ json: { items }, page: () => problemIndex(problems, this.basePath) }, request, response);
  }

  /** Tells what a problem means and what to do about it. */
  @Get(':code')
  @ApiParam({ name: 'code', schema: { type: 'string' }, example: 'api_key.revoked' })
  @ApiResponse({
    status: 200,
    description: 'The problem.',
    content: { 'application/json': { schema: { $ref: getSchemaPath(ProblemView) } }, 'text/html': html },
  })
  @MayFailWith(RequestProblems.notFound)
  read(@Param('code') code: string, @Req() request: Request, @Res() response: Response): void {
    const problem: ProblemDefinition | undefined = problemCatalogue().get(code);
    if (problem === undefined)
      throw new Problem(RequestProblems.notFound, { detail: 'No problem has this code; GET /problems lists all.' });
    this.answer(
      { json: ProblemView.of(problem, this.baseUrl), page: () => problemPage(problem, this.basePath) },
      request,
      response,
    );
  }

  private answer(forms: { json: object; page: () => string }, request: Request, response: Response): void {
    response.setHeader('Vary', 'Accept');
    const form =
      request.accepts(['html', 'json']) === 'json'
        ? servedPage('application/json; charset=utf-8', JSON.stringify(forms.json))
        : servedPage('text/html; charset=utf-8', forms.page(), PROBLEM_PAGE_POLICY);
    sendPage(form, request, response);
  }
}
