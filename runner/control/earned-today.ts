import type { EdgeClient } from "../transport/edge-client.ts";
import type { RunnerEvent } from "../work/runner-event.ts";
import { type Earned, earnedSince, startOfDay } from "./earned-since.ts";

/** How often at most the edge is asked. */
const ASK_MS = 30_000;
/** Times that it is asked after the last work: what a job pays is told when the whole job has ended. */
const ASKS_AFTER_WORK = 10;

/** What was earned today, as the edge said it last: asked again when it is wanted and there was work since. */
export class EarnedToday {
  #client: Pick<EdgeClient, "getEarnings"> | null = null;
  #earned: readonly Earned[] = [];
  #asked_ms = Number.NEGATIVE_INFINITY;
  #asksLeft = 1;
  #day = startOfDay(new Date()).getTime();

  /** The edge can be asked from now on. */
  connect(client: Pick<EdgeClient, "getEarnings">): void {
    this.#client = client;
  }

  observe(event: RunnerEvent): void {
    if (event.event === "submitted") this.#asksLeft = ASKS_AFTER_WORK;
  }

  /** At once, what is known; a newer answer comes with a later call. */
  read(signal: AbortSignal): readonly Earned[] {
    const day = startOfDay(new Date()).getTime();
    if (day !== this.#day) this.#earned = [];
    if (day !== this.#day) this.#asksLeft = Math.max(1, this.#asksLeft);
    this.#day = day;
    const now_ms = performance.now();
    if (this.#client !== null && this.#asksLeft > 0 && now_ms - this.#asked_ms >= ASK_MS) {
      this.#asked_ms = now_ms;
      // The pay for what was handed in just now may come with a later answer: this one is not the last.
      this.#asksLeft -= 1;
      earnedSince(this.#client, new Date(day), signal).then(
        (earned) => {
          this.#earned = earned;
        },
        // An edge that does not answer now is asked again in its time.
        () => {
          this.#asksLeft = Math.max(1, this.#asksLeft);
        },
      );
    }
    return this.#earned;
  }
}
