import { fork } from "node:child_process";
import { childEnvironment } from "./child-environment.ts";
import type { Sandbox } from "./sandbox.ts";

/** A child process and no more: it can do what the runner's user can. For development and measurements. */
export const plainSandbox: Sandbox = {
  level: "none",
  launch: ({ entry, env }) =>
    fork(entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      env: childEnvironment(process.env, env),
    }),
};
