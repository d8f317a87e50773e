import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { buildProgram } from "./build-program.ts";

/** Builds the escrow program and writes it beside this file, with its hash in the form of sha256sum. */
const program = buildProgram(`${import.meta.dirname}/program/escrow.c`);
const sha256 = createHash("sha256").update(program).digest("hex");
writeFileSync(`${import.meta.dirname}/escrow.so`, program);
writeFileSync(`${import.meta.dirname}/escrow.so.sha256`, `${sha256}  escrow.so\n`);
console.log(`escrow.so: ${program.length} bytes, sha256 ${sha256}`);
