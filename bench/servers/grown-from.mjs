// The design that Keyward grew from, on stock Nest, Express and TypeORM: for every call the key is found by its hash, then
// its user, then one usage row is saved, each awaited.
import 'reflect-metadata';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  Controller,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource, EntitySchema } from 'typeorm';
import { answerParent, cpuMicroseconds } from '../child.mjs';

const text = { type: 'text' };
const optionalText = { type: 'text', nullable: true };
const texts = { type: 'text', array: true, default: '{}' };
const optionalTime = { type: 'timestamptz', nullable: true };
const json = { type: 'jsonb', default: {} };
const changes = {
  createdAt: { type: 'timestamptz', createDate: true },
  updatedAt: { type: 'timestamptz', updateDate: true },
};

// the columns of Keyward's own tables, so that both designs read and write the same facts
const User = new EntitySchema({
  name: 'BaselineUser',
  tableName: 'baseline_users',
  columns: {
    id: { type: 'uuid', primary: true },
    email: { ...text, unique: true },
    name: optionalText,
    subscriptionTier: { ...text, default: 'free' },
    permissions: texts,
    lockedAt: optionalTime,
    lockedUntil: optionalTime,
    lockReason: optionalText,
    deletedAt: optionalTime,
    ...changes,
  },
});
const Key = new EntitySchema({
  name: 'BaselineKey',
  tableName: 'baseline_keys',
  columns: {
    id: { type: 'uuid', primary: true },
    userId: { type: 'uuid' },
    hash: { ...text, unique: true },
    name: text,
    description: optionalText,
    environment: text,
    start: text,
    grants: texts,
    allowedAddresses: texts,
    rateLimit: { type: 'jsonb', nullable: true },
    quota: { type: 'jsonb', nullable: true },
    metadata: json,
    tags: texts,
    expiresAt: optionalTime,
    disabledAt: optionalTime,
    revokedAt: optionalTime,
    revocationReason: optionalText,
    lastUsedAt: optionalTime,
    ...changes,
  },
  foreignKeys: [{ target: 'BaselineUser', columnNames: ['userId'], referencedColumnNames: ['id'] }],
});
const Usage = new EntitySchema({
  name: 'BaselineUsage',
  tableName: 'baseline_usage',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    keyId: { type: 'uuid' },
    userId: { type: 'uuid' },
    route: text,
    method: text,
    statusCode: { type: 'smallint' },
    durationUs: { type: 'int' },
    address: { type: 'inet', nullable: true },
    userAgent: optionalText,
    requestId: text,
    problemCode: optionalText,
    refusal: optionalText,
    occurredAt: { type: 'timestamptz', createDate: true },
  },
  indices: [{ columns: ['keyId', 'occurredAt'] }, { columns: ['userId', 'occurredAt'] }],
  foreignKeys: [
    { target: 'BaselineKey', columnNames: ['keyId'], referencedColumnNames: ['id'] },
    { target: 'BaselineUser', columnNames: ['userId'], referencedColumnNames: ['id'] },
  ],
});

class KeyGuard {
  constructor(dataSource) {
    this.keys = dataSource.getRepository(Key);
    this.users = dataSource.getRepository(User);
    this.usages = dataSource.getRepository(Usage);
  }

  async canActivate(context) {
    const startedAt = performance.now();
    const request = context.switchToHttp().getRequest();
    const hash = sha256(request.headers['x-api-key'] ?? '');
    const key = await this.keys.findOne({ where: { hash } });
    const expired = key?.expiresAt != null && key.expiresAt < new Date();
    if (key === null || key.revokedAt !== null || key.disabledAt !== null || expired) throw new UnauthorizedException();
    const user = await this.users.findOne({ where: { id: key.userId } });
    if (user === null || user.lockedAt !== null || !user.permissions.includes('bench:read'))
      throw new ForbiddenException();
    await this.usages.save({
      keyId: key.id,
      userId: user.id,
      route: request.route.path,
      method: request.method,
      statusCode: 200,
      durationUs: Math.round((performance.now() - startedAt) * 1000),
      address: request.ip,
      userAgent: request.headers['user-agent'],
      requestId: randomUUID(),
    });
    return true;
  }
}
Injectable()(KeyGuard);
Inject(DataSource)(KeyGuard, undefined, 0);

class BaselineView {
  status = 'ok';
}
const view = Object.freeze(new BaselineView());

class BaselineController {
  protected() {
    return view;
  }
}
const route = Object.getOwnPropertyDescriptor(BaselineController.prototype, 'protected');
Get('protected')(BaselineController.prototype, 'protected', route);
UseGuards(KeyGuard)(BaselineController.prototype, 'protected', route);
Controller('api/v1/bench')(BaselineController);

function sha256(key) {
  return createHash('sha256').update(key).digest('hex');
}

async function issue(dataSource, count) {
  const user = { id: randomUUID(), email: 'bench@example.com', permissions: ['bench:read'] };
  await dataSource.getRepository(User).insert(user);
  const keys = Array.from({ length: count }, () => randomBytes(32).toString('hex'));
  await dataSource.getRepository(Key).insert(
    keys.map((key) => ({
      id: randomUUID(),
      userId: user.id,
      hash: sha256(key),
      name: 'bench',
      environment: 'live',
      start: key.slice(0, 8),
      grants: user.permissions,
    })),
  );
  return keys;
}

let app;
let source;

async function start({ databaseUrl, keys }) {
  const entities = [User, Key, Usage];
  source = await new DataSource({ type: 'postgres', url: databaseUrl, entities, synchronize: true }).initialize();
  class BaselineModule {}
  Module({
    controllers: [BaselineController],
    providers: [KeyGuard, { provide: DataSource, useValue: source }],
  })(BaselineModule);
  app = await NestFactory.create(BaselineModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  return { port: app.getHttpServer().address().port, warm: await issue(source, keys.warm) };
}

answerParent({ start, usage: () => ({ cpu: cpuMicroseconds() }) }, async () => {
  await app?.close();
  await source?.destroy();
});
