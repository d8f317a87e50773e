#!/usr/bin/env node
import module from "node:module";
import { fileURLToPath } from "node:url";

// Node keeps the JavaScript that it made of these sources, and need not load its TypeScript parser in the next run: 25 MB.
module.enableCompileCache?.(
  fileURLToPath(new URL("../node_modules/.cache/infernet-runner", import.meta.url)),
);
const { runProgram } = await import("./cli/run-program.ts");

await runProgram();
