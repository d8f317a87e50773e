import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationError } from "@infernet/schemas/llm/generation";

/** What a model cannot do with a request: the error of its generation. */
export class GenerationRefusal extends Error {
  readonly error: GenerationError;

  constructor({ code, message }: GenerationError) {
    super(message);
    this.name = "GenerationRefusal";
    this.error = { code, message: message.slice(0, LIMITS.failure_detail_chars_max) };
  }
}
