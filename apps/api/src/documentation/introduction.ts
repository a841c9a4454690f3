/** The text above the operations: what holds for all of them. */
export const introduction = `
Issue, verify, limit, rotate and revoke API keys, and see who called what.

## Authentication
Send your key as \`X-API-Key: <key>\` or as \`Authorization: Bearer <key>\`; two different ones in one call are refused.
A key is shown once, when it is issued or rotated. What it may do is what its owner's roles grant *and* what the key
itself was granted; each operation names the permissions that it requires.

## Conventions
JSON in and out, in UTF-8, with camelCase members. Ids are UUIDs, times are RFC 3339 in UTC with milliseconds.
A change (\`PATCH\`) keeps what is absent and clears what is \`null\`. Unknown members and query parameters are refused.
Bodies may have at most 100 KiB. Every answer carries \`X-Request-Id\`; send your own to find a call again in records,
audit log and problems.

## Lists
\`limit\` (1-100, by default 20) says how many items a page has at most. \`next\` of a page is passed unchanged as \`after\`
for the page behind it, with the same filters and sort; it is \`null\` on the last page.

## Sending again, and changing what you have seen
Every call that creates something takes an \`Idempotency-Key\`: sent again within 24 hours with the same body it creates
nothing more and replays the first answer. Secrets are never replayed: the key of an issued API key is \`null\` then, and
rotating it by its id yields one that you can use. Single resources have an \`ETag\`; sent as \`If-Match\` with a change or
a removal it makes sure that nobody has changed the resource meanwhile.

## Errors
Every error is a problem document (RFC 9457) of the type \`application/problem+json\`. Its \`code\` is stable, and its
\`type\` links to a page that tells the meaning and the remedy; [all of them](PROBLEMS_URL). What does not exist
and what you may not see answer the same 404. Beside the problems listed at the operations, any call may be answered
404 \`request.not_found\` or 405 \`request.method_not_allowed\` when the path or method is wrong, 400, 408, 413, 417 or 431
when it is not acceptable HTTP, 500 \`server.unexpected\`, and 503 \`server.unavailable\`.

## Limits
Calls are counted per address and per key. \`RateLimit-Policy\` and \`RateLimit\` tell the limit of the key and what is left
of it. One call too many is answered 429 with \`Retry-After\` in seconds; so is 503, where trying again is safe for \`GET\`.
`.trim();
