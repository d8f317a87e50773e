import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FromChild, type ToChild } from "./child-message.ts";
import { TELEMETRY_OFF } from "./telemetry.ts";

/** A handle on the process that holds one model. */
export interface OnnxChild {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  /** SIGKILL: native code cannot be stopped otherwise. `onExit` follows. */
  kill(): void;
}

export interface OnnxChildEvents {
  onMessage(message: FromChild): void;
  /** @param how in words, as in `was killed by SIGKILL` */
  onExit(how: string): void;
}

const PROGRAM = fileURLToPath(new URL("./child.ts", import.meta.url));

/** What a loader and a driver need; nothing else of the operator's environment reaches a process that runs models. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "LANG",
  "LD_LIBRARY_PATH",
  "VK_DRIVER_FILES",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
];

export function startOnnxChild({ onMessage, onExit }: OnnxChildEvents): OnnxChild {
  const child = fork(PROGRAM, [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [],
    env: childEnvironment(process.env),
  });
  let hasEnded = false;
  const end = (how: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    onExit(how);
  };
  child.on("message", (raw) => onMessage(FromChild.parse(raw)));
  child.once("error", (error) => end(`could not be started: ${error.message}`));
  child.once("exit", (code, signal) =>
    end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
  );
  return {
    pid: child.pid,
    // A channel that is already closed is told by the exit that follows.
    send: (message) => void child.send(message, () => undefined),
    kill: () => void child.kill("SIGKILL"),
  };
}

export function childEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = PASSED_ON.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  return { ...Object.fromEntries(passed), ...TELEMETRY_OFF };
}
