import { readFileSync } from "node:fs";
import { LIMITS } from "@infernet/schemas/limits";
import { Datatype } from "@infernet/schemas/tensor";
import { expect, test } from "vitest";
import { datatypeCode } from "./datatype-code.ts";
import { FUEL_COST } from "./rewrite/fuel-cost.ts";
import { BUILD_COMMANDS } from "./testing/build-sample.ts";

const page = readFileSync(new URL("../../../docs/wasm.md", import.meta.url), "utf8");

test("the page's compiler commands are those that the samples are tested with", () => {
  for (const [sample, command] of Object.entries(BUILD_COMMANDS)) {
    const out = sample.replace(/^.*\//, "").replace(/\.[a-z]+$/, ".wasm");
    expect(page).toContain(`\n${command.replace("OUT", out)}\n`);
  }
});

test("the page has every datatype's number, and the limits and costs as they are", () => {
  for (const datatype of Datatype.options) expect(page).toContain(`${datatype} ${datatypeCode(datatype)}`);
  expect(page).toContain(
    `else ${LIMITS.wasm_memory_bytes_default / 2 ** 20} MiB; at most ${LIMITS.wasm_memory_bytes_max / 2 ** 30} GiB`,
  );
  expect(page).toContain(`| table elements | ${LIMITS.wasm_table_elements_max.toLocaleString("en-US")} |`);
  expect(page).toContain(`| outputs | ${LIMITS.shard_output_bytes_max / 2 ** 20} MiB a call |`);
  expect(page).toContain(`at most ${LIMITS.wasm_open_files_max} files are open`);
  expect(page).toContain(`one more for each ${2n ** FUEL_COST.bulk_shift} of them`);
  expect(page).toContain(
    `takes ${FUEL_COST.page.toLocaleString("en-US")}, and a WASI call ${FUEL_COST.host_call.toLocaleString("en-US")}`,
  );
});
