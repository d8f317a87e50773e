import { resolve } from "node:path";
import type { Demand } from "@infernet/schemas/demand";
import type { Command } from "commander";
import { loadSettings } from "../config/load-settings.ts";
import { askControl } from "../control/ask-control.ts";
import { askPeers } from "../control/ask-peers.ts";
import { type Earned, earnedSince, startOfDay } from "../control/earned-since.ts";
import { explainWork } from "../control/explain-work.ts";
import { findIdentity } from "../identity/identity.ts";
import type { OwnRecord } from "../transport/edge-client.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "./common-options.ts";
import type { EdgeFlags } from "./edge-of.ts";
import { renderStatus, type Status } from "./render-status.ts";
import { createErrorLog, reporting } from "./reporting.ts";

interface StatusFlags extends EdgeFlags {
  json?: boolean;
}

/** How long the edge may take to answer all that is asked of it. */
const EDGE_MS_MAX = 5_000;

/** `infernet-runner status`: what runs, what it brought, and why there is no work. */
export function addStatusCommand(program: Command): void {
  const command = program
    .command("status")
    .description("tell what this machine is at, what it earned today, and why it has no work")
    .addOption(edgeOption())
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((flags: StatusFlags) => reporting(createErrorLog(), () => status(flags)));
  addExamples(command, "infernet-runner status", "infernet-runner status --json");
}

async function status(flags: StatusFlags): Promise<void> {
  const home = resolve(flags.home);
  const { id } = await findIdentity(home);
  const activity = await askControl(home, { call: "status" });
  const edge = flags.edge ?? activity?.edge ?? (await edgeOfSettings(flags));
  const asked = edge === null ? NOT_ASKED : await askEdgeAll(home, edge);
  // A runner of an older version does not know the question.
  const peers = await askPeers(home).catch(() => null);
  const told: Status = { id, edge, activity, peers, ...asked, work: explainWork({ activity, ...asked }) };
  process.stdout.write(flags.json ? renderJson(told) : renderStatus(told));
}

async function edgeOfSettings({ home, config }: StatusFlags): Promise<string | null> {
  return (await loadSettings({ home, config, env: process.env })).values.edge ?? null;
}

interface Asked {
  record: OwnRecord | null;
  demand: Demand | null;
  earned_today: Earned[] | null;
  /** What kept the edge from saying all of it. */
  edge_problem: string | null;
}

const NOT_ASKED: Asked = { record: null, demand: null, earned_today: null, edge_problem: null };

/** What the edge does not tell is left out, and the rest is shown. */
async function askEdgeAll(home: string, edge: string): Promise<Asked> {
  const identity = await findIdentity(home);
  const client = createHttpEdgeClient({ edge, identity });
  const signal = AbortSignal.timeout(EDGE_MS_MAX);
  let edge_problem: string | null = null;
  const tried = <T>(asked: Promise<T>): Promise<T | null> =>
    asked.catch((error: unknown) => {
      edge_problem ??= signal.aborted
        ? `${edge} did not answer within ${EDGE_MS_MAX / 1_000} s`
        : error instanceof Error
          ? error.message
          : String(error);
      return null;
    });
  const record = await tried(client.getRecord(signal));
  const [demand, earned_today] = await Promise.all([
    tried(client.getDemand(signal)),
    // One that the edge has never seen has earned nothing there, and the edge would refuse to say so.
    record === null ? null : tried(earnedSince(client, startOfDay(new Date()), signal)),
  ]);
  return { record, demand, earned_today, edge_problem };
}

function renderJson({ earned_today, demand, ...told }: Status): string {
  const earned = earned_today?.map(({ unit, micro }) => ({ unit, earned_micro: micro.toString() })) ?? null;
  const { runners_seen = null, runners_waiting = null, shards_waiting = null } = demand ?? {};
  const network = { runners_seen, runners_waiting, shards_waiting };
  return `${JSON.stringify({ ...told, earned_today: earned, network }, null, 2)}\n`;
}
