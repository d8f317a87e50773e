import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";

export interface Grant {
  runner: RunnerId;
  tasks: readonly Task[];
  at_ms: number;
  /** The fact that made it: what came before what is told by facts, as one millisecond holds many. */
  seq: number;
}

/**
 * A job's grants by name. It only grows and is shared by all versions of a job's progress, so that a grant costs no copy
 * of all those before it: who looks something up says up to which fact.
 */
export class GrantLog {
  readonly #byName = new Map<string, Grant>();
  readonly #byRunner = new Map<RunnerId, Grant[]>();

  add(name: string, grant: Grant): void {
    if (this.#byName.has(name)) return;
    this.#byName.set(name, grant);
    const own = this.#byRunner.get(grant.runner);
    if (own === undefined) this.#byRunner.set(grant.runner, [grant]);
    else own.push(grant);
  }

  find(name: string, seq: number): Grant | undefined {
    const grant = this.#byName.get(name);
    return grant !== undefined && grant.seq <= seq ? grant : undefined;
  }

  /** The last grant that gave a runner this shard. */
  last(runner: RunnerId, shard: number, seq: number): Grant | undefined {
    return this.#byRunner
      .get(runner)
      ?.findLast((grant) => grant.seq <= seq && grant.tasks.some((task) => task.shard === shard));
  }

  /** How often a runner was given a check of a shard, or of a check `of` it, between two facts. */
  countChecks(runner: RunnerId, shard: number, of: RunnerId | null, since: number, seq: number): number {
    let count = 0;
    for (const grant of this.#byRunner.get(runner) ?? []) {
      if (grant.seq <= since || grant.seq > seq) continue;
      if (grant.tasks.some((task) => task.shard === shard && task.role !== "compute" && task.of === of))
        count += 1;
    }
    return count;
  }

  /** All grants up to a fact, in order. */
  *list(seq: number): Generator<Grant> {
    for (const grant of this.#byName.values()) if (grant.seq <= seq) yield grant;
  }
}
