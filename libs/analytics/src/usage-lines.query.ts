import { type DownloadFormat, formulaCharacters } from '#libs/http';

/** A column of the export: what it says of a call `u`. */
interface Column {
  readonly of: string;
  /** Text may hold anything; of the others nothing is to be quoted. */
  readonly isText: boolean;
}

const plain = (of: string): Column => ({ of, isText: false });
const text = (of: string): Column => ({ of, isText: true });
const occurredAt = `to_char(u.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** In the order of the file. Positions are in the order of time, and within it of request ids, when compared byte by byte. */
const columns: Readonly<Record<string, Column>> = {
  position: text(`${occurredAt} || ' ' || u.request_id`),
  occurredAt: plain(occurredAt),
  method: text('u.method'),
  route: text('u.route'),
  statusCode: plain('u.status_code'),
  durationMs: plain('u.duration_us / 1000.0::float8'),
  responseBytes: plain('u.response_bytes'),
  organizationId: plain('u.organization_id'),
  userId: plain('u.user_id'),
  keyId: plain('u.api_key_id'),
  environment: text('u.environment'),
  address: plain('host(u.address)'),
  userAgent: text('u.user_agent'),
  requestId: text('u.request_id'),
  problemCode: text('u.problem_code'),
};

export const usageHeadings = Object.keys(columns);

const calls = `
  select u.*, r.method, r.route, k.environment
  from api_usage u join usage_routes r on r.id = u.route_id left join api_keys k on k.id = u.api_key_id
  where u.occurred_at >= $1 and u.occurred_at < $2
    and ($3::uuid is null or u.organization_id = $3)
    and ($4::uuid is null or u.user_id = $4)
    and ($5::uuid is null or u.api_key_id = $5)
    and ($6::text is null or r.route = $6)
    and ($7::text is null or r.method = $7)
    and ($8::int is null or u.status_code between $8 and $9)
    and ($10::text is null or k.environment = $10)
    and ($11::text is null or (u.occurred_at, u.request_id collate "C")
      > (split_part($11, ' ', 1)::timestamptz, split_part($11, ' ', 2)))
  order by u.occurred_at, u.request_id collate "C" fetch first ($12) rows with ties`;

const row = Object.entries(columns).map(([name, { of }]) => `${of} as "${name}"`);
const cells = Object.entries(columns).map(([name, { isText }]) => (isText ? csvCell(`"${name}"`) : `"${name}"::text`));
const line: Readonly<Record<DownloadFormat, string>> = {
  csv: `${cells.map((cell) => `coalesce(${cell}, '')`).join(` || ',' || `)} || E'\\r\\n'`,
  jsonl: `row_to_json(line)::text || E'\\n'`,
};

/**
 * Calls as lines of a file, made by PostgreSQL: however many come together, they are one value here, not twenty each.
 * Parameters: the period, seven filters (a range of status codes is two), behind which position, how many. A few more come
 * where calls of one moment have one request id, which their clients chose: a position is never cut in two.
 */
export function usageLines(format: DownloadFormat): string {
  return `
    select count(*)::int as rows, max("position" collate "C") as last,
      coalesce(string_agg(${line[format]}, '' order by "position" collate "C"), '') as text
    from (select ${row.join(', ')} from (${calls}) u) line`;
}

/** As `csvLine` writes a cell of text; a test compares the two. */
function csvCell(of: string): string {
  const dangerous = formulaCharacters.map((character) => `'${character}'`);
  const harmless = `case when left(${of}, 1) in (${dangerous.join(', ')}) then '''' || ${of} else ${of} end`;
  return `case when ${of} ~ '[",\\r\\n]' then '"' || replace(${harmless}, '"', '""') || '"' else ${harmless} end`;
}
