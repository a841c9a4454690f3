import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiParam, ApiResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '#libs/access';
import { AnyQuery, HttpConfig, MayFailWith, Problem, RequestProblems } from '#libs/http';
import { OpenApiDocument } from './open-api-document.js';
import { pageFile } from './page-files.js';
import { REDOC_POLICY, redocPage, SWAGGER_UI_POLICY, swaggerUiPage } from './reference-pages.js';
import { basePathOf, sendPage, type ServedPage, servedPage } from './served-page.js';

const HTML = 'text/html; charset=utf-8';
const html = { 'text/html': { schema: { type: 'string' } } };
const file = { 'text/javascript': { schema: { type: 'string' } }, 'text/css': { schema: { type: 'string' } } };

/** The OpenAPI document and the two pages that show it. */
@Controller()
@Public()
@AnyQuery()
export class ReferenceController {
  private readonly swaggerUi: ServedPage;
  private readonly redoc: ServedPage;
  private json: ServedPage | undefined;

  constructor(
    private readonly document: OpenApiDocument,
    config: HttpConfig,
  ) {
    const base = basePathOf(config.baseUrl);
    this.swaggerUi = servedPage(HTML, swaggerUiPage(base), SWAGGER_UI_POLICY);
    this.redoc = servedPage(HTML, redocPage(base), REDOC_POLICY);
  }

  /** Returns this OpenAPI document. */
  @Get('openapi.json')
  @ApiResponse({
    status: 200,
    description: 'The document.',
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  readOpenApi(@Req() request: Request, @Res() response: Response): void {
    this.json ??= servedPage('application/json; charset=utf-8', JSON.stringify(this.document.get()));
    sendPage(this.json, request, response);
  }

  /** Shows the API in Swagger UI, to try it out. */
  @Get('docs')
  @ApiResponse({ status: 200, description: 'The page.', content: html })
  showSwaggerUi(@Req() request: Request, @Res() response: Response): void {
    sendPage(this.swaggerUi, request, response);
  }

  /** Returns a file of the Swagger UI page. */
  @Get('docs/:file')
  @ApiParam({ name: 'file', schema: { type: 'string' }, example: 'start.js' })
  @ApiResponse({ status: 200, description: 'The file.', content: file })
  @MayFailWith(RequestProblems.notFound)
  readSwaggerUiFile(@Param('file') name: string, @Req() request: Request, @Res() response: Response): void {
    sendFile(`docs/${name}`, request, response);
  }

  /** Shows the API in ReDoc, to read it. */
  @Get('redoc')
  @ApiResponse({ status: 200, description: 'The page.', content: html })
  showRedoc(@Req() request: Request, @Res() response: Response): void {
    sendPage(this.redoc, request, response);
  }

  /** Returns a file of the ReDoc page. */
  @Get('redoc/:file')
  @ApiParam({ name: 'file', schema: { type: 'string' }, example: 'start.js' })
  @ApiResponse({ status: 200, description: 'The file.', content: file })
  @MayFailWith(RequestProblems.notFound)
  readRedocFile(@Param('file') name: string, @Req() request: Request, @Res() response: Response): void {
    sendFile(`redoc/${name}`, request, response);
  }
}

/** @throws Problem request.not_found */
function sendFile(path: string, request: Request, response: Response): void {
  const found = pageFile(path);
  if (found === undefined) throw new Problem(RequestProblems.notFound, { detail: `Nothing is served at /${path}.` });
  sendPage(found, request, response);
}
