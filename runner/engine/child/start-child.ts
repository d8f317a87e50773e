import type { ChildProgram, Sandbox } from "../../sandbox/sandbox.ts";
import { FromChild, type ToChild } from "./child-message.ts";

/** A handle on the process that holds one model. */
export interface EngineChild {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  /** SIGKILL: native code cannot be stopped otherwise. `onExit` follows. */
  kill(): void;
}

export interface EngineChildEvents {
  onMessage(message: FromChild): void;
  /** @param how in words, as in `was killed by SIGKILL` */
  onExit(how: string): void;
}

export function startEngineChild(
  sandbox: Sandbox,
  program: ChildProgram,
  { onMessage, onExit }: EngineChildEvents,
): EngineChild {
  const child = sandbox.launch(program);
  let hasEnded = false;
  const end = (how: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    onExit(how);
  };
  child.on("message", (raw) => {
    const message = FromChild.safeParse(raw);
    if (message.success) return onMessage(message.data);
    // A child that was taken over by its model may say anything; it is not listened to any longer.
    child.kill("SIGKILL");
    end("said what an engine never says");
  });
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
