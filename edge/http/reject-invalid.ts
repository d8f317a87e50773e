import { InfernetError } from "@infernet/schemas/errors";
import type { Context, ValidationTargets } from "hono";
import type { z } from "zod";
import { describeIssues } from "./describe-issues.ts";

/** Throws what a broken schema means for the caller: which part of the request, where in it, and why. */
export function rejectInvalid(target: keyof ValidationTargets, error: z.core.$ZodError, c: Context): never {
  const errors = describeIssues(error.issues);
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const where = first?.pointer ? `${first.pointer}: ` : "";
  const summary = `${where}${first?.detail ?? "does not fit the schema"}${more}`;
  switch (target) {
    case "header":
      throw new InfernetError("header_invalid", `In the headers, ${summary}`);
    case "param":
      // Reading a thing by a name that nothing can have finds nothing; writing to it is a mistake to point out.
      if (c.req.method === "PUT") throw new InfernetError("request_invalid", `In the path, ${summary}`);
      throw new InfernetError("not_found", `In the path, ${summary}`);
    case "query":
      throw new InfernetError("request_invalid", `In the query, ${summary}`, { errors });
    default:
      throw new InfernetError("request_invalid", `In the body, ${summary}`, { errors });
  }
}
