import { formatJobId, formatPartition } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { JobSummary } from "@infernet/schemas/job";
import { uuidv7 } from "uuidv7";

/** A queued job as lists show it. */
export function testJobSummary(created_ms: number): JobSummary {
  const id = formatJobId(formatPartition(1), uuidv7());
  const self = `http://edge.test/jobs/${id}`;
  return JobSummary.parse({
    id,
    object: "job",
    state: "queued",
    rows: 10,
    model: { digest: "0".repeat(64), name: "glyphs" },
    metadata: {},
    urls: {
      self,
      result: `${self}/result`,
      events: `${self}/events`,
      receipt: `${self}/receipt`,
      deliveries: `${self}/deliveries`,
    },
    created_at: renderInstant(created_ms),
    finished_at: null,
  });
}
