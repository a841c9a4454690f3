import { Controller, Get, Header, HttpCode, Module, Post, StreamableFile } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Readable } from 'node:stream';
import { KeywardHttpAdapter } from './keyward-http.adapter.js';

@Controller()
class ShapesController {
  @Get('object')
  object() {
    return { text: 'ä', at: new Date(0), none: null };
  }

  @Get('list')
  list() {
    return [1, 2];
  }

  @Get('text')
  text() {
    return 'plain';
  }

  @Get('null')
  nothing() {
    return null;
  }

  @Get('number')
  number() {
    return 7;
  }

  @Get('stream')
  stream() {
    return new StreamableFile(Readable.from([Buffer.from('streamed')]), { type: 'text/csv' });
  }

  @Get('typed')
  @Header('Content-Type', 'application/vnd.api+json')
  typed() {
    return { typed: true };
  }

  @Get('empty')
  @HttpCode(204)
  empty() {
    return { dropped: true };
  }

  @Get('tagged')
  @Header('ETag', '"1"')
  tagged() {
    return { tagged: true };
  }

  @Get('unserializable')
  unserializable() {
    return { big: 1n };
  }

  @Post('created')
  created() {
    return { created: true };
  }
}

@Module({ controllers: [ShapesController] })
class ShapesModule {}

describe('KeywardHttpAdapter', () => {
  let ours: INestApplication;
  let stock: INestApplication;

  beforeAll(async () => {
    const options = { logger: false } as const;
    ours = await NestFactory.create(ShapesModule, new KeywardHttpAdapter({ drain: { idleGraceMs: 0 } }), options);
    const express = new ExpressAdapter();
    express.disable('x-powered-by');
    express.set('etag', false);
    stock = await NestFactory.create(ShapesModule, express, options);
    await Promise.all([ours.listen(0, '127.0.0.1'), stock.listen(0, '127.0.0.1')]);
  });

  afterAll(() => Promise.all([ours.close(), stock.close()]));

  async function answerOf(app: INestApplication, path: string, init: RequestInit) {
    const answer = await fetch(`${await app.getUrl()}${path}`, init);
    const { date: _date, 'keep-alive': _keepAlive, ...headers } = Object.fromEntries(answer.headers);
    return { status: answer.status, headers, body: await answer.text() };
  }

  const paths = [
    'object',
    'list',
    'text',
    'null',
    'number',
    'stream',
    'typed',
    'empty',
    'tagged',
    'unserializable',
    'nowhere',
  ];

  it.each([
    ...paths.map((path) => ['GET', `/${path}`, {}] as const),
    ...paths.map((path) => ['HEAD', `/${path}`, {}] as const),
    ['POST', '/created', {}] as const,
    ['OPTIONS', '/object', {}] as const,
    ['GET', '/tagged', { 'If-None-Match': '"2"' }] as const,
  ])('answers %s %s %j exactly as Nest on Express does', async (method, path, headers) => {
    const init = { method, headers };
    expect(await answerOf(ours, path, init)).toEqual(await answerOf(stock, path, init));
  });

  it('answers 304 to a client that has the present state, even if it tells caches on the way to ask again', async () => {
    const headers = { 'If-None-Match': '"1"', 'Cache-Control': 'no-cache' };
    expect(await answerOf(ours, '/tagged', { headers })).toMatchObject({ status: 304, body: '' });
  });
});
