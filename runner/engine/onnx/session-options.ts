import type * as ort from "onnxruntime-node";
import type { LoadMessage } from "./load-message.ts";

/** How every session is made: rows come out alike on all honest machines of one execution class. */
export const sessionOptions = ({
  provider,
  threads,
  graph_optimization,
}: Pick<
  LoadMessage,
  "provider" | "threads" | "graph_optimization"
>): ort.InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  graphOptimizationLevel: graph_optimization,
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
  extra: {
    session: {
      // Without it 8-bit products saturate on AVX2 and honest machines disagree.
      x64quantprecision: "1",
      // Idle threads sleep: the cores are shared with the runner and with other models.
      intra_op: { allow_spinning: "0" },
    },
  },
});
