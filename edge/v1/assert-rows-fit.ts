import { InfernetError } from "@infernet/schemas/errors";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { ModelManifest } from "@infernet/schemas/model";
import { explainRequest } from "../jobs/explain-request.ts";

/** Where what a row says stands in the client's own request, by the start of its JSON pointer. */
const MEMBERS: readonly (readonly [string, string])[] = [
  ["/prompt/messages", "/messages"],
  ["/prompt/tokens", "/prompt"],
  ["/prompt/text", "/prompt"],
  ["/sampling/tokens_max", "/max_tokens"],
  ["/sampling", ""],
];

/** Throws what is wrong with a request for its model, naming the member as the client wrote it. */
export function assertRowsFit(
  rows: readonly GenerationRequest[],
  manifest: ModelManifest,
  names: Readonly<Record<string, string>> = {},
): void {
  for (const row of rows) {
    const unfit = explainRequest(row, manifest);
    if (unfit === null) continue;
    const pointer = memberOf(unfit.pointer);
    const named = names[pointer] ?? pointer;
    const detail = `\`${named.split("/")[1]}\`: ${unfit.detail}`;
    throw new InfernetError(unfit.code, detail, { errors: [{ pointer: named, detail: unfit.detail }] });
  }
}

function memberOf(pointer: string): string {
  const [from, to] = MEMBERS.find(([start]) => pointer.startsWith(start)) ?? ["", ""];
  return `${to}${pointer.slice(from.length)}`;
}
