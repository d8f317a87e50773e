import type { EdgeClient } from "../transport/edge-client.ts";
import type { RunnerEvent } from "../work/runner-event.ts";
import { type Earned, earnedSince, startOfDay } from "./earned-since.ts";

/** How often at most the edge is asked; what a job pays is settled when it ends, so this is soon enough. */
const ASK_MS = 30_000;

/** What was earned today, as the edge said it last: asked again when it is wanted and there was work since. */
export class EarnedToday {
  #client: Pick<EdgeClient, "getEarnings"> | null = null;
  #earned: readonly Earned[] = [];
  #asked_ms = Number.NEGATIVE_INFINITY;
  #hasWorked = true;
  #day = startOfDay(new Date()).getTime();

  /** The edge can be asked from now on. */
  connect(client: Pick<EdgeClient, "getEarnings">): void {
    this.#client = client;
  }

  observe(event: RunnerEvent): void {
    if (event.event === "submitted") this.#hasWorked = true;
  }

  /** At once, what is known; a newer answer comes with a later call. */
  read(signal: AbortSignal): readonly Earned[] {
    const day = startOfDay(new Date()).getTime();
    if (day !== this.#day) this.#earned = [];
    const isNew = this.#hasWorked || day !== this.#day;
    this.#day = day;
    const now_ms = performance.now();
    if (this.#client !== null && isNew && now_ms - this.#asked_ms >= ASK_MS) {
      this.#asked_ms = now_ms;
      // The pay for what was handed in just now may come with a later answer: this one is not the last.
      this.#hasWorked = false;
      earnedSince(this.#client, new Date(day), signal).then(
        (earned) => {
          this.#earned = earned;
        },
        () => {
          this.#hasWorked = true;
        },
      );
    }
    return this.#earned;
  }
}
