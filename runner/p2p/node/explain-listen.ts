const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this user may not",
};

/**
 * What the library says when it cannot listen, as a line for a person: which address, and why. Others of its errors are left as they
 * are.
 */
export function explainListen(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const [, address, reason] = /^\s*(\/\S+): (?:\w*Error: )?(.+)$/m.exec(message) ?? [];
  if (address === undefined || reason === undefined)
    return error instanceof Error ? error : new Error(message);
  const [code = ""] = /\bE[A-Z]+\b/.exec(reason) ?? [];
  return new Error(`cannot listen on ${address}: ${REASONS[code] ?? reason}`, { cause: error });
}
