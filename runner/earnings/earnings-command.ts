import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { EarningSums, Earnings, EarningView } from "@infernet/schemas/earning";
import { LIMITS } from "@infernet/schemas/limits";
import { type Command, Option } from "commander";
import { askEdge } from "../cli/ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption } from "../cli/common-options.ts";
import { type EdgeFlags, edgeOf } from "../cli/edge-of.ts";
import { parseCount } from "../cli/parse-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { findIdentity } from "../identity/identity.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { commandLine } from "./command-line.ts";
import { eachPage } from "./each-page.ts";
import { renderEarningsCsv } from "./earnings-csv.ts";
import { nextStep } from "./next-step.ts";
import { renderEarnings } from "./render-earnings.ts";

interface EarningsFlags extends EdgeFlags {
  limit: number;
  csv?: boolean;
  json?: boolean;
}

const JOBS_SHOWN = 20;
const PAYOUTS_SHOWN = 5;

/** `infernet-runner earnings`: what this machine has earned, and where that money is. */
export function addEarningsCommand(program: Command): void {
  const command = program
    .command("earnings")
    .description("show what this machine has earned, what of it is held, and what was sent")
    .addOption(edgeOption())
    .addOption(homeOption("folder of the runner's identity"))
    .addOption(configOption())
    .option("--limit <n>", "most jobs listed", parseCount, JOBS_SHOWN)
    .addOption(new Option("--csv", "print every job as CSV").conflicts(["json", "limit"]))
    .addOption(new Option("--json", "print the sums and every job as JSON").conflicts("limit"))
    .action((flags: EarningsFlags) => reporting(createErrorLog(), () => earnings(flags)));
  addExamples(command, "infernet-runner earnings", "infernet-runner earnings --csv > earnings.csv");
}

async function earnings(flags: EarningsFlags): Promise<void> {
  const edge = await edgeOf(flags);
  const identity = await findIdentity(resolve(flags.home));
  const client = createHttpEdgeClient({ edge, identity });
  await askEdge(edge, "to tell the earnings", async () => {
    if (flags.csv) return writeOut(renderEarningsCsv(pagesOf(client)));
    if (flags.json) return void process.stdout.write(await renderJson(pagesOf(client)));
    const title = `Earnings of ${identity.id} at ${edge}`;
    process.stdout.write(await renderForPerson(client, title, flags));
  });
}

const NEVER = new AbortController().signal;

const pagesOf = (client: EdgeClient): AsyncGenerator<Earnings> =>
  eachPage(client, LIMITS.list_page_items_max, NEVER);

/** A reader that has enough, as `head` has, ends it. */
async function writeOut(text: AsyncGenerator<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

async function renderJson(pages: AsyncIterable<Earnings>): Promise<string> {
  const { sums, jobs } = await collect(pages, Number.POSITIVE_INFINITY);
  return `${JSON.stringify({ sums, data: jobs }, null, 2)}\n`;
}

async function renderForPerson(client: EdgeClient, title: string, flags: EarningsFlags): Promise<string> {
  const items = Math.min(flags.limit, LIMITS.list_page_items_max);
  const { sums, jobs, hasMore } = await collect(eachPage(client, items, NEVER), flags.limit);
  const { data: payouts } = await client.listPayouts({ limit: PAYOUTS_SHOWN }, NEVER);
  const next = nextStep(sums, jobs, commandLine("withdraw", flags));
  return renderEarnings({ title, sums, jobs, hasMore, payouts, next });
}

interface Collected {
  sums: EarningSums[];
  jobs: EarningView[];
  hasMore: boolean;
}

/** The latest `jobs_max` jobs, with the sums as they were when the last of them was read. */
async function collect(pages: AsyncIterable<Earnings>, jobs_max: number): Promise<Collected> {
  const jobs: EarningView[] = [];
  let sums: EarningSums[] = [];
  let hasMore = false;
  for await (const page of pages) {
    jobs.push(...page.data);
    sums = page.sums;
    hasMore = page.next_cursor !== null || jobs.length > jobs_max;
    if (jobs.length >= jobs_max) break;
  }
  return { sums, jobs: jobs.slice(0, jobs_max), hasMore };
}
