import { readFileSync, writeFileSync } from "node:fs";
import { placeSettings } from "./place-settings.ts";
import { renderErrors } from "./render-errors.ts";
import { renderLimits } from "./render-limits.ts";

// npm run docs: writes the pages, and parts of pages, that are generated.
const root = new URL("../../", import.meta.url);
writeFileSync(
  new URL("docs/limits.md", root),
  renderLimits(readFileSync(new URL("schemas/limits.ts", root), "utf8")),
);
writeFileSync(new URL("docs/errors.md", root), renderErrors());
const readme = new URL("runner/README.md", root);
writeFileSync(readme, placeSettings(readFileSync(readme, "utf8")));
