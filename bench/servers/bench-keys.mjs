import pg from 'pg';
import { Principal } from '#libs/access';
import { AdministratorCreator } from '#libs/api-keys';
import { uuidV7 } from '#libs/http';
import { KeyMint } from '../../dist/libs/api-keys/src/key-mint.js';

const GRANTS = ['bench:read', 'api-keys:verify'];

/** Many keys of one owner, made as the application makes them but stored in one statement. */
export class BenchKeys {
  constructor(app, databaseUrl) {
    this.creator = app.get(AdministratorCreator);
    this.mint = app.get(KeyMint, { strict: false });
    this.databaseUrl = databaseUrl;
  }

  /** `warm` keys that stay in the cache, and `cold` ones, more than the cache holds. */
  async issue({ warm, cold }) {
    const { userId } = await this.creator.create(Principal.system('bench'), 'bench@example.com');
    const environment = this.mint.environment(undefined);
    const minted = Array.from({ length: warm + cold }, () => {
      const id = uuidV7();
      return { id, ...this.mint.mint(environment, id) };
    });
    await this.store(userId, environment, minted);
    const keys = minted.map(({ wholeKey }) => wholeKey);
    return { warm: keys.slice(0, warm), cold: keys.slice(warm) };
  }

  async store(ownerId, environment, minted) {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    const columns = ['id', 'start', 'secretHash', 'pepperVersion'].map((name) => minted.map((key) => key[name]));
    await client.query(
      `insert into api_keys (id, organization_id, owner_id, name, environment, start, secret_hash, pepper_version, grants)
       select k.id, u.organization_id, u.id, 'bench', $2, k.start, k.hash, k.pepper, $3
       from users u, unnest($4::uuid[], $5::text[], $6::bytea[], $7::text[]) as k (id, start, hash, pepper)
       where u.id = $1`,
      [ownerId, environment, GRANTS, ...columns],
    );
    await client.query('analyze api_keys');
    await client.end();
  }
}
