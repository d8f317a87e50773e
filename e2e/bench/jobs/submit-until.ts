import { tinyJob } from "../../live/tiny-job.ts";
import type { ApiClient } from "../../network/api-client.ts";

export interface Load {
  jobsDone: () => number;
  /** No new jobs; resolves when those under way have ended. */
  stop: () => Promise<void>;
}

/** One job under way for each client all the time, each waited for with `Prefer: wait`. */
export function submitUntil(clients: readonly ApiClient[], shards: number): Load {
  let done = 0;
  let stopping = false;
  const job = tinyJob(shards, { shard_rows: 1 });
  const submit = async (client: ApiClient) => {
    while (!stopping) {
      const { state, error } = await client.createJob(job, { Prefer: "wait=60" });
      if (state !== "succeeded") throw new Error(`a job ended as ${state}: ${error?.detail ?? ""}`);
      done += 1;
    }
  };
  const ended = Promise.all(clients.map(submit));
  return {
    jobsDone: () => done,
    stop: async () => {
      stopping = true;
      await ended;
    },
  };
}
