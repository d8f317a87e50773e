import { setTimeout as sleep } from "node:timers/promises";
import { Recruits } from "@infernet/protocol/peers/recruits";
import type { Bytes } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { inviteRunner } from "../../p2p/leases/invite-runner.ts";
import type { ServedRunners } from "../../p2p/leases/serve-leases.ts";
import type { PeerNode } from "../../p2p/node/peer-node.ts";

export interface RecruitOptions {
  node: PeerNode;
  served: ServedRunners;
  runners_max: number;
  /** Runners that the operator has named, with where they are as far as that is known. */
  named: ReadonlyMap<RunnerId, readonly PeerAddress[]>;
  /** Runners that take leases of peers' aggregators, as they are found. */
  find(signal: AbortSignal): AsyncIterable<{ runner: RunnerId; addresses: readonly PeerAddress[] }>;
  /** Calls back for each runner that the node is connected with and that takes leases. */
  onConnected(seen: (runner: RunnerId) => void): void;
  invite(runner: RunnerId): Promise<Bytes>;
  onInvited(invited: { runner: RunnerId; accepted: boolean; detail: string }): void;
  signal: AbortSignal;
}

/** Invites runners until the signal ends it: as many as there are places for, and those that went away again. */
export async function recruitRunners(options: RecruitOptions): Promise<void> {
  const { named, signal } = options;
  const recruits = new Recruits();
  for (const [runner, addresses] of named) recruits.note(runner, addresses, true);
  options.onConnected((runner) => {
    recruits.note(runner, []);
    void inviteDue(recruits, options);
  });
  while (!signal.aborted) {
    await inviteDue(recruits, options);
    if (options.served.count() < options.runners_max) await look(recruits, options);
    await sleep(LIMITS.recruit_every_ms, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Whoever is found is invited while the search goes on. */
async function look(recruits: Recruits, options: RecruitOptions): Promise<void> {
  const { find, node, signal } = options;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_find_ms_default)]);
  const inviting: Promise<void>[] = [];
  try {
    for await (const { runner, addresses } of find(limit)) {
      if (runner === node.id) continue;
      recruits.note(runner, addresses);
      inviting.push(inviteDue(recruits, options));
    }
  } catch {
    // A search that fails now is made again in its time.
  }
  await Promise.all(inviting);
}

async function inviteDue(recruits: Recruits, options: RecruitOptions): Promise<void> {
  const { served, runners_max, signal } = options;
  const places = Math.min(LIMITS.recruits_invited_at_once, runners_max - served.count());
  const due = signal.aborted ? [] : recruits.due(places, served.has, Date.now());
  await Promise.all(
    due.map(async (runner) => {
      // Until it has answered it is not invited again.
      recruits.answered(runner, false, Date.now());
      const { accepted, detail } = await ask(runner, recruits, options);
      recruits.answered(runner, accepted, Date.now());
      if (!signal.aborted) options.onInvited({ runner, accepted, detail });
    }),
  );
}

async function ask(
  runner: RunnerId,
  recruits: Recruits,
  { node, invite }: RecruitOptions,
): Promise<{ accepted: boolean; detail: string }> {
  try {
    return await inviteRunner(node, runner, recruits.addressesOf(runner), await invite(runner));
  } catch (error) {
    return { accepted: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
