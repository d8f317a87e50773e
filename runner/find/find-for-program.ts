import { LIMITS } from "@infernet/schemas/limits";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { z } from "zod";
import type { FindProvidersOptions, FoundProvider, ProviderQuery } from "../index.ts";
import { openFinder } from "./open-finder.ts";

/** `findProviders` of the package: see there. */
export async function* findForProgram(
  said: ProviderQuery,
  { edge, bootstrap = [], limit, timeout_ms = LIMITS.peer_find_ms_default, signal }: FindProvidersOptions,
): AsyncGenerator<FoundProvider> {
  const query = checked(PeerQuery, said, "the query");
  const named = checked(z.array(BootstrapAddress), bootstrap, "bootstrap");
  const within = AbortSignal.any([AbortSignal.timeout(timeout_ms), ...(signal ? [signal] : [])]);
  const finder = await openFinder({
    ...{ edge: edge ?? null, bootstrap: named, isLocal: false },
    signal: within,
  });
  try {
    const found = finder.find(query, { signal: within, ...(limit === undefined ? {} : { limit }) });
    for await (const { record, score, attestations } of found) {
      const { runner: id, availability, addresses } = record;
      // A machine that has stopped is never found.
      if (availability !== "gone") yield { id, availability, addresses, score, record, attestations };
    }
  } finally {
    await finder.close();
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${what} cannot be used at /${issue?.path.join("/")}: ${issue?.message}`);
}
