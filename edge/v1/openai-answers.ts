import { ERRORS, type ErrorCode, InfernetError } from "@infernet/schemas/errors";
import { OpenaiError, renderOpenaiError } from "./openai-error.ts";

const content = { "application/json": { schema: OpenaiError } };

/** The failures a route below `/v1` answers with, for its OpenAPI description. */
export function openaiAnswers(
  ...codes: ErrorCode[]
): Record<string, { description: string; content: typeof content }> {
  const answers: Record<string, { description: string; content: typeof content }> = {};
  for (const code of codes) {
    const { status, body } = renderOpenaiError(new InfernetError(code, ""));
    const said = `\`${body.error.code}\`: ${ERRORS[code].title}`;
    const known = answers[status]?.description;
    answers[status] = { description: known ? `${known}; ${said}` : said, content };
  }
  return answers;
}
