import { expect, test } from "vitest";
import { ERROR_CODES, ERRORS, errorPath, InfernetError, renderProblem } from "./errors.ts";
import { Problem } from "./problem.ts";

test.each(ERROR_CODES)("%s is snake_case, has a title and a hint, and renders as a problem", (code) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(ERRORS[code].title).toMatch(/^[A-Z].*[^.]$/);
  expect(ERRORS[code].hint).toMatch(/^.+\.$/);
  const errors = [{ pointer: "/model", detail: "is missing" }];
  const problem = renderProblem(new InfernetError(code, "It broke.", { errors }), null);
  expect(Problem.parse(problem)).toEqual(problem);
  expect(problem).toMatchObject({ type: errorPath(code), code, detail: "It broke.", errors });
});
