import { resolve } from "node:path";
import { orderPeers } from "@infernet/protocol/peers/order-peers";
import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { Engine, ModelRef } from "@infernet/schemas/model";
import { MicroAmount } from "@infernet/schemas/money";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { DirectPayment, PeerService } from "@infernet/schemas/peer/peer-record";
import { ExecutionProvider, Region } from "@infernet/schemas/runner";
import { SandboxLevel } from "@infernet/schemas/sandbox";
import { type Command, Option } from "commander";
import { askEdge } from "../cli/ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createLiveLine } from "../cli/live-line.ts";
import { parseCount } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { loadSettings } from "../config/load-settings.ts";
import { createIdentity } from "../identity/identity.ts";
import { chooseModel } from "../models/choose-model.ts";
import { listKnownModels } from "../models/known-models.ts";
import type { FoundPeer } from "../p2p/discovery/find-peers.ts";
import { RUNNER_ERRORS } from "../runner-error.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { parseList, parseNumber, parseSeconds, type QueryFlags, queryOf } from "./parse-query.ts";
import { type Findings, renderFound, renderFoundJson } from "./render-found.ts";

interface FindFlags extends QueryFlags {
  model?: string;
  limit: number;
  timeout: number;
  bootstrap?: string[];
  edge?: string;
  home: string;
  config?: string;
  json?: boolean;
}

const LIMIT = 20;
const DRAWN_MS = 200;

/** `infernet-runner find`: machines of the network of peers that fit. */
export function addFindCommand(program: Command): void {
  const oneOf = (flag: string, about: string, choices: readonly string[]): Option =>
    new Option(flag, about).choices(choices);
  const command = program
    .command("find")
    .description("find machines in the network of peers, without an edge's list")
    .option(
      "--model <model>",
      "has this model's files: a digest, or a name that the edge or this machine knows",
    )
    .addOption(oneOf("--engine <engine>", "has this engine", Engine.options))
    .addOption(oneOf("--provider <provider>", "runs it on this", ExecutionProvider.options))
    .addOption(oneOf("--sandbox <level>", "holds models to this at least", SandboxLevel.options))
    .option("--min-vram <gib>", "memory of its largest GPU, as it is sold", parseNumber(4_096))
    .option("--min-memory <gib>", "memory", parseNumber(1_000_000))
    .option("--region <list>", "is in one of these regions, as in eu-west,us", parseList(Region))
    .option(
      "--max-price <micro>",
      "asks at most this for an hour of a core, in micro-units",
      parseOne(MicroAmount),
    )
    .addOption(oneOf("--payment <payment>", "takes direct jobs paid so", DirectPayment.options))
    .addOption(oneOf("--service <service>", "serves this to peers", PeerService.options))
    .option("--open", "takes work now")
    .option("--trust <networks>", "networks whose word about it counts", parseList(NetworkId))
    .option("--min-score <score>", "the least that each of them must say, from 0 to 1", parseNumber(1))
    .option("--limit <n>", `most machines, at most ${LIMITS.peer_find_max}`, parseCount, LIMIT)
    .option("--timeout <seconds>", "how long to look", parseSeconds, LIMITS.peer_find_ms_default)
    .option(
      "--bootstrap <addresses>",
      "peers to begin with, instead of those of the settings",
      parseList(BootstrapAddress),
    )
    .addOption(edgeOption("edge that names peers to begin with (default: the one in the settings)"))
    .addOption(homeOption("folder of the settings"))
    .addOption(configOption())
    .addOption(jsonOption('print { "query", "data", "asked", "ms" }'))
    .action((flags: FindFlags) => reporting(createErrorLog(), () => find(flags)));
  addExamples(
    command,
    "infernet-runner find --engine onnx --min-vram 12",
    "infernet-runner find --model glyphs --open --limit 5 --json",
  );
}

const parseOne = (schema: typeof MicroAmount) => (text: string) => parseList(schema)(text)[0];

async function find(flags: FindFlags): Promise<void> {
  const signal = AbortSignal.timeout(flags.timeout);
  const started = performance.now();
  const { values } = await loadSettings({ home: flags.home, config: flags.config, env: process.env });
  const edge = flags.edge ?? values.edge ?? null;
  const query = queryOf(flags, await modelOf(flags, edge, signal));
  const bootstrap = flags.bootstrap ?? values["peers.bootstrap"];
  // The libraries of peers are loaded by whoever goes to them.
  const { openFinder } = await import("./open-finder.ts");
  const finder = await openFinder({ edge, bootstrap, isLocal: values["peers.local"], signal });
  const line = process.stderr.isTTY ? createLiveLine(process.stderr) : null;
  const found: FoundPeer[] = [];
  let asked = 0;
  const draw = (): void => {
    const s = ((performance.now() - started) / 1_000).toFixed(0);
    line?.show(`${s} s  ${found.length} found, ${asked} peers asked`);
  };
  const drawing = setInterval(draw, DRAWN_MS);
  try {
    const onProgress = (progress: { asked: number }): void => {
      asked = progress.asked;
    };
    for await (const peer of finder.find(query, { signal, limit: flags.limit, onProgress })) found.push(peer);
  } finally {
    clearInterval(drawing);
    line?.clear();
    await finder.close();
  }
  const findings: Findings = {
    ...{ query, found: orderPeers(found, query), asked },
    ms: performance.now() - started,
  };
  process.stdout.write(flags.json ? renderFoundJson(findings) : renderFound(findings));
  if (found.length === 0) process.exitCode = RUNNER_ERRORS.nothing_found.exit_code;
}

/** Throws `RunnerError` for a name that neither the edge nor this machine knows. */
async function modelOf(
  { model, home }: FindFlags,
  edge: string | null,
  signal: AbortSignal,
): Promise<Sha256 | undefined> {
  if (model === undefined) return undefined;
  const digest = Sha256.safeParse(model);
  if (digest.success) return digest.data;
  const ref = ModelRef.safeParse(model);
  if (edge === null || !ref.success) return chooseModel(await listKnownModels(resolve(home)), model).digest;
  const client = createHttpEdgeClient({ edge, identity: createIdentity() });
  return (await askEdge(edge, `to name the model ${model}`, () => client.findModel(ref.data, signal))).digest;
}
