import { InfernetError } from "@infernet/schemas/errors";
import { z } from "zod";

/** Members that OpenAI documents, that would change the answer, and that nothing here can do. */
const REASONS = {
  audio: "no model here speaks",
  best_of: "completions are not ranked; ask for `n` and choose among them",
  function_call: "it was replaced by `tool_choice`",
  functions: "it was replaced by `tools`",
  logit_bias: "a token's score cannot be changed by hand, for others could not check the answer then",
  modalities: "models here answer with text",
  moderation: "nothing here judges texts",
  reasoning_effort: "models here have no such setting",
  suffix: "text is continued, not filled in",
  verbosity: "models here have no such setting",
  web_search_options: "nothing here searches the web",
} as const;

type RefusedMember = keyof typeof REASONS;

/** Known to the schema, so that whoever sends one is told why and not that it is unknown. */
export const REFUSED_MEMBERS = {
  audio: z.unknown().optional(),
  best_of: z.unknown().optional(),
  function_call: z.unknown().optional(),
  functions: z.unknown().optional(),
  logit_bias: z.unknown().optional(),
  modalities: z.unknown().optional(),
  moderation: z.unknown().optional(),
  reasoning_effort: z.unknown().optional(),
  suffix: z.unknown().optional(),
  verbosity: z.unknown().optional(),
  web_search_options: z.unknown().optional(),
} as const satisfies Record<RefusedMember, unknown>;

/** Throws `parameter_unsupported` at the first of them that asks for something. */
export function assertNoneRefused(request: Partial<Record<RefusedMember, unknown>>): void {
  for (const [member, reason] of Object.entries(REASONS) as [RefusedMember, string][]) {
    if (isNeutral(member, request[member])) continue;
    const detail = `\`${member}\` is not supported: ${reason}.`;
    throw new InfernetError("parameter_unsupported", detail, {
      errors: [{ pointer: `/${member}`, detail }],
    });
  }
}

/** Whether a value asks for nothing: absent, null, empty, or what everybody gets anyway. */
function isNeutral(member: RefusedMember, value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (member === "best_of") return value === 1;
  if (member === "modalities") return JSON.stringify(value) === '["text"]';
  return typeof value === "object" && Object.keys(value).length === 0;
}
