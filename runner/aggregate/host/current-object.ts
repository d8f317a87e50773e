import { AsyncLocalStorage } from "node:async_hooks";

/** The object whose code runs, as the platform's parts see it. */
export interface RunningObject {
  /** Resolves once everything that it wrote is on disk, rejects when that failed; null when nothing is open. */
  committed(): Promise<void> | null;
  /** Something of the object's goes on, a call or a timer: it stays in memory until `leave`. */
  enter(): void;
  leave(): void;
  /** Runs the object's own code: what that does outward waits for what it wrote. */
  run<T>(work: () => T): T;
}

const running = new AsyncLocalStorage<RunningObject>();

/** Null in the Worker's own code. */
export const currentObject = (): RunningObject | null => running.getStore() ?? null;

export const runAs = <T>(object: RunningObject, work: () => T): T => running.run(object, work);

/**
 * The output gate: what leaves an object, an answer or a request, leaves after what it wrote is on disk. So nothing that
 * anybody was told is lost with the process.
 */
export async function passGate(object: RunningObject | null = currentObject()): Promise<void> {
  const committed = object?.committed();
  if (committed) await committed;
}

/**
 * Resolves in an event of its own, when whatever ran before has come to rest. What reaches an object from outside comes
 * that way: between two awaits of things that are done at once, nothing else of the object runs.
 */
export const nextEvent = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
