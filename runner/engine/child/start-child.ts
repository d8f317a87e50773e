import type { z } from "zod";
import type { ChildProgram, Sandbox } from "../../sandbox/sandbox.ts";
import type { EngineFailure } from "../engine-failure.ts";
import { type ChildEnd, judgeEnd } from "./child-end.ts";
import { FromChild, type ToChild } from "./child-message.ts";

/** A handle on the process that holds one model. */
export interface EngineChild<To = ToChild> {
  readonly pid: number | undefined;
  send(message: To): void;
  /** SIGKILL: native code cannot be stopped otherwise. `onExit` follows. */
  kill(): void;
}

export interface EngineChildEvents<From = FromChild> {
  onMessage(message: From): void;
  /**
   * @param how in words, as in `was killed by SIGKILL`
   * @param cause what that says about the child, or why it ended, where that is known to be more than a way to end
   */
  onExit(how: string, cause: ChildEnd["kind"] | EngineFailure): void;
}

/** The last words of a child, from which its end is judged; the rest is not kept. */
export const STDERR_CHARS_MAX = 4_000;

/** How long after a child's end the rest of its error stream is waited for: a process that it left behind may hold it open. */
const STDERR_MS_MAX = 200;

/** The process of a model that runs rows. */
export const startEngineChild = (
  sandbox: Sandbox,
  program: ChildProgram,
  events: EngineChildEvents,
): EngineChild => startChild(sandbox, program, FromChild, events);

/** @param schema of what the child may say */
export function startChild<From, To extends object>(
  sandbox: Sandbox,
  program: ChildProgram,
  schema: z.ZodType<From>,
  { onMessage, onExit }: EngineChildEvents<From>,
): EngineChild<To> {
  const child = sandbox.launch(program);
  let stderr = "";
  let hasEnded = false;
  const end = ({ how, kind }: ChildEnd): void => {
    if (hasEnded) return;
    hasEnded = true;
    child.stderr?.destroy();
    onExit(how, kind);
  };
  child.stderr?.on("data", (chunk) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_CHARS_MAX);
  });
  child.on("message", (raw) => {
    const message = schema.safeParse(raw);
    if (message.success) return onMessage(message.data);
    // A child that was taken over by its model may say anything; it is not listened to any longer.
    child.kill("SIGKILL");
    end({ how: "said what an engine never says", kind: "ended" });
  });
  child.once("error", (error) => end({ how: `could not be started: ${error.message}`, kind: "ended" }));
  child.once("exit", (code, signal) => {
    const judge = (): void => end(judgeEnd(code, signal, stderr));
    child.once("close", judge);
    setTimeout(judge, STDERR_MS_MAX).unref();
  });
  return {
    pid: child.pid,
    // A channel that is already closed is told by the exit that follows.
    send: (message) => void child.send(message, () => undefined),
    kill: () => void child.kill("SIGKILL"),
  };
}
