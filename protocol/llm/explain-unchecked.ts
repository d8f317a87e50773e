import type { Engine } from "@infernet/schemas/model";
import type { Verification } from "@infernet/schemas/verification";

/**
 * Why answers cannot be checked although a job asks for it; null where they can be, or nobody asks. A server that speaks
 * OpenAI's API gives text, and not what it computed on the way: another server's answer would differ honestly.
 */
export function explainUnchecked(engine: Engine, asked: Verification): string | null {
  if (engine !== "openai" || ("mode" in asked && asked.mode === "none")) return null;
  return "The model lies with servers of its providers, which give text without evidence for it: no other machine can check an answer, and the first one stands.";
}
