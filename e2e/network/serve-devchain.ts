import { fileURLToPath } from "node:url";
import type { TestDevchain } from "@infernet/edge/testing/devchain-context";
import type { TestProject } from "vitest/node";
import { z } from "zod";
import { startProgram } from "./program.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../escrow/${path}`, import.meta.url));

/** Where the tests' chain has the escrow program: an address that nobody has the key of. */
const PROGRAM = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
const SLOT_MS = 20;

const Listening = z.object({ url: z.url() });

/** Global setup of tests that pay on a chain: one chain for all of them, gone when they are done. */
export default async function serveDevchain(project: TestProject): Promise<() => Promise<void>> {
  const program = startProgram({
    name: "devchain",
    file: pathOf("devchain/main.ts"),
    args: [
      "--port",
      "0",
      "--slot-ms",
      String(SLOT_MS),
      "--program",
      `${PROGRAM}=${pathOf("solana/escrow.so")}`,
      "--json",
    ],
  });
  const { url } = Listening.parse(await program.waitFor("listening"));
  const devchain: TestDevchain = { url, program: PROGRAM };
  project.provide("devchain", devchain);
  return () => program.kill();
}
