import type { Log } from "../work/runner-event.ts";

/** One log for the runner, and as many that hear it as there are. */
export interface LogHub {
  readonly log: Log;
  add(sink: Log): void;
}

export function createLogHub(...first: Log[]): LogHub {
  const sinks = [...first];
  return {
    log: (event) => {
      for (const sink of sinks) sink(event);
    },
    add: (sink) => void sinks.push(sink),
  };
}
