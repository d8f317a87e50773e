import { childEnvironment } from "./child-environment.ts";
import type { Sandbox } from "./sandbox.ts";
import { spawnChild } from "./spawn-child.ts";

/** A child process and no more: it can do what the runner's user can. For development and measurements. */
export const plainSandbox: Sandbox = {
  level: "none",
  launch: ({ entry, env }) => spawnChild([process.execPath, entry], childEnvironment(process.env, env)),
};
