import { ERRORS, type ErrorCode } from "@infernet/schemas/errors";
import { Problem } from "@infernet/schemas/problem";

const content = { "application/problem+json": { schema: Problem } };

/** The failures a route answers with, for its OpenAPI description. `internal` goes without saying. */
export function problemAnswers(
  ...codes: ErrorCode[]
): Record<string, { description: string; content: typeof content }> {
  const answers: Record<string, { description: string; content: typeof content }> = {};
  for (const code of codes) {
    const { status, title } = ERRORS[code];
    const known = answers[status]?.description;
    answers[status] = {
      description: known ? `${known}; \`${code}\`: ${title}` : `\`${code}\`: ${title}`,
      content,
    };
  }
  return answers;
}
