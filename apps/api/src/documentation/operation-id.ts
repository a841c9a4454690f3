/**
 * The operationId of a route, from which clients are generated, so it has to stay: a method of one word takes the
 * subject of its controller (`UsersController.list` is `listUsers`, `.read` is `readUser`); one of several words is it.
 */
export function operationId(controller: string, method: string): string {
  if (/[A-Z]/.test(method)) return method;
  const subject = controller.replace(/Controller$/, '');
  return method + (method === 'list' ? subject : singular(subject));
}

function singular(subject: string): string {
  return /(?:ics|ss|us)$/.test(subject) ? subject : subject.replace(/s$/, '');
}
