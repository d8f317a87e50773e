import { readFileSync, writeFileSync } from "node:fs";
import { renderErrors } from "./render-errors.ts";
import { renderLimits } from "./render-limits.ts";

// npm run docs: writes the pages that are generated from the schemas.
const root = new URL("../../", import.meta.url);
writeFileSync(
  new URL("docs/limits.md", root),
  renderLimits(readFileSync(new URL("schemas/limits.ts", root), "utf8")),
);
writeFileSync(new URL("docs/errors.md", root), renderErrors());
