import { ERRORS, type ErrorCode, InfernetError } from "@infernet/schemas/errors";
import { renderErrorIndex, renderErrorPage } from "../docs/error-pages.ts";
import { createRouter } from "../http/create-router.ts";

/** The pages that a problem document's `type` points at. */
export const errors = createRouter();

const HEADERS = { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'" };

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

errors.get("/errors", (c) => c.html(renderErrorIndex(), 200, HEADERS));

errors.get("/errors/:code", (c) => {
  const code = c.req.param("code");
  if (!isCode(code)) throw new InfernetError("not_found", `There is no error code ${JSON.stringify(code)}.`);
  return c.html(renderErrorPage(code), 200, HEADERS);
});
