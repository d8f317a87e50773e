/** A call that was made of the chain, as `trace` is told of it. */
export interface TracedCall {
  transport: "http" | "websocket";
  method: string;
  /** The code with which it was refused, null when it was answered. */
  error: number | null;
}

export type Trace = (call: TracedCall) => void;
