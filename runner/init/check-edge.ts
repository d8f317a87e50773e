import { NetworkId } from "@infernet/schemas/commitment";
import { z } from "zod";
import { RunnerError } from "../runner-error.ts";

const ANSWER_MS_MAX = 10_000;

/** Of what `GET /network` answers only this: an edge of another version may say more. */
const EdgeNetwork = z.object({
  object: z.literal("network"),
  network: NetworkId,
  version: z.string(),
  now_ms: z.int(),
});
export type EdgeNetwork = z.infer<typeof EdgeNetwork>;

/**
 * Asks an address whether it is an Infernet edge. Throws `RunnerError`: `edge_away` when nothing answers, `edge_foreign` when
 * something else does.
 */
export async function checkEdge(edge: string): Promise<EdgeNetwork> {
  const url = `${edge.replace(/\/+$/, "")}/network`;
  const answer = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
    headers: { accept: "application/json" },
  }).catch((error: unknown) => {
    throw new RunnerError("edge_away", `${edge} does not answer: ${causeOf(error)}`, { cause: error });
  });
  const text = await answer.text().catch(() => "");
  const network = EdgeNetwork.safeParse(parseJson(text));
  if (network.success) return network.data;
  const { status } = answer;
  const location = answer.headers.get("location");
  const instead =
    location === null ? `${status} with ${describe(answer, text)}` : `a redirect to ${location}`;
  throw new RunnerError(
    "edge_foreign",
    `${edge} is not an Infernet edge: its /network answers ${instead}, and not with the network's id`,
  );
}

function describe(answer: Response, text: string): string {
  if (text === "") return "nothing";
  return answer.headers.get("content-type")?.split(";")[0] ?? "something else";
}

function causeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `nothing within ${ANSWER_MS_MAX / 1_000} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
