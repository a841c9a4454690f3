import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { AppModule } from '../../apps/api/src/app.module.js';
import { declaredConfigs } from '#libs/config';
import { renderEnvExample } from '../support/env-example.js';
import { root, sourceFiles, textOf } from '../support/source-files.js';

const FILE = `${root}.env.example`;
const variables = declaredConfigs().flatMap((declaration) => declaration.variables);

describe('.env.example', () => {
  beforeAll(() => {
    if (process.env.UPDATE_ENV_EXAMPLE) writeFileSync(FILE, renderEnvExample(declaredConfigs()));
  });

  it('lists every variable that the code declares, with what it means, and no other (UPDATE_ENV_EXAMPLE=1 writes it anew)', () => {
    expect(existsSync(FILE) ? readFileSync(FILE, 'utf8') : '').toBe(renderEnvExample(declaredConfigs()));
  });

  it('has the names that the contract gives', () => {
    expect(AppModule).toBeDefined(); // its import has loaded every declaration
    const names = variables.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'PORT',
        'HOST',
        'DATABASE_URL',
        'REDIS_URL',
        'SECRET_KEY',
        'SECRET_KEY_PREVIOUS',
        'TRUSTED_PROXIES',
        'KEYWARD_ENVIRONMENT',
        'KEYWARD_ENVIRONMENTS',
        'KEYWARD_KEY_PREFIX',
        'KEYWARD_ADDRESS_LIMIT',
        'KEYWARD_KEY_LIMIT',
        'KEYWARD_USAGE_DURABILITY',
        'KEYWARD_METRICS_PORT',
        'LOG_LEVEL',
      ]),
    );
    expect(
      names.filter(
        (name) =>
          !/^(KEYWARD_[A-Z_]+|PORT|HOST|DATABASE_URL|REDIS_URL|SECRET_KEY(_PREVIOUS)?|TRUSTED_PROXIES|LOG_LEVEL)$/.test(
            name,
          ),
      ),
    ).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('shows no secret as a default', () => {
    expect(variables.filter(({ secret, fallback }) => secret && fallback !== undefined)).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  /** What the file decides itself, and what only the embedded database needs, which the image does not have. */
  const decided = ['PORT', 'HOST', 'DATABASE_URL', 'REDIS_URL', 'SECRET_KEY', 'KEYWARD_DATA_DIR'];

  it('passes on every other variable that is set, so that none is silently without effect', () => {
    const passedOn = [...textOf('docker-compose.yml').matchAll(/^ {6}([A-Z_]+):$/gm)].map(([, name]) => name);
    const expected = variables.map(({ name }) => name).filter((name) => !decided.includes(name));
    expect(new Set(passedOn)).toEqual(new Set(expected));
  });
});

describe('a setting', () => {
  it('has a default that is allowed', () => {
    const withDefault = variables.filter(({ fallback }) => fallback !== undefined);
    expect(() => withDefault.map((variable) => variable.parse(variable.fallback ?? ''))).not.toThrow();
  });

  it('is read by its Config class, not by hand', () => {
    const byHand = new RegExp(`process\\.env(\\.|\\[')(${variables.map(({ name }) => name).join('|')})\\b(?! = )`);
    const files = sourceFiles('libs').filter((file) => !file.endsWith('.spec.ts') && byHand.test(textOf(file)));
    // the secret that is made for the embedded database has to be found before there is any Config
    expect(files).toEqual(['libs/database/src/installation.ts']);
  });
});
