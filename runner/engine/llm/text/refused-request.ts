import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationError } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";

/** A request that the model cannot take, with what its client will read. */
export class RefusedRequest extends Error {
  readonly error: GenerationError;

  constructor(code: GenerationError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RefusedRequest";
    this.error = { code, message: message.slice(0, LIMITS.failure_detail_chars_max) };
  }
}

/** Why the engine `llm` does not take a request, whatever the model; null where it does. */
export function refuse({
  sampling: { presence_penalty = 0, frequency_penalty = 0 },
  tools = [],
  response_format,
}: GenerationRequest): GenerationError | null {
  const wanted = [
    ...(tools.length > 0 ? ["`tools`"] : []),
    ...(isPlainText(response_format) ? [] : ["`response_format`"]),
    ...(presence_penalty === 0 ? [] : ["`presence_penalty`"]),
    ...(frequency_penalty === 0 ? [] : ["`frequency_penalty`"]),
  ];
  if (wanted.length === 0) return null;
  return {
    code: "request_unsupported",
    message: `The engine of this model does not support ${wanted.join(" and ")}. Leave that out, or choose a model that lists the feature.`,
  };
}

/** What is generated is text anyway. */
const isPlainText = (format: unknown): boolean =>
  format === undefined ||
  format === null ||
  (typeof format === "object" && "type" in format && format.type === "text");
