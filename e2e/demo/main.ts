import { glyphsModel } from "../fixtures/glyphs-model.ts";
import { Cleanup } from "../network/cleanup.ts";
import { createStop } from "../network/stop-with-cleanup.ts";
import { uploadModel } from "../network/upload-model.ts";
import { type Balance, readBalances } from "./demo-money.ts";
import { DEMO_USAGE, type DemoOptions, parseDemoOptions } from "./demo-options.ts";
import type { MoneyReport } from "./demo-report.ts";
import { bold } from "./paint.ts";
import { createProgress } from "./progress.ts";
import { renderKept, renderNextSteps } from "./render-next-steps.ts";
import { renderMoney, renderNetwork, renderReadings, renderReport } from "./render-report.ts";
import { runDemoJob, runEarlierJob } from "./run-demo-job.ts";
import { settleUp } from "./settle-up.ts";
import { type DemoNetwork, startDemoNetwork } from "./start-demo-network.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const cleanup = new Cleanup();
const stop = createStop(cleanup);
let exitCodeOnSignal = EXIT_INTERRUPTED;

async function demo(options: DemoOptions): Promise<void> {
  const out = options.json ? process.stderr : process.stdout;
  const say = (text: string) => out.write(`${text}\n`);

  say(`${bold("Infernet demo")}: one job, computed by four machines that need not trust each other\n`);
  say(
    "Starting a chain, the edge, four runners, a referee and a webhook receiver, each a process of its own ...\n",
  );
  const network = await startDemoNetwork(cleanup);
  await uploadModel(network.client, glyphsModel());
  const before = await readBalances(network.money, network.escrow, machinesOf(network));
  const earlier = await runEarlierJob(network, options);
  const { report, read } = await runDemoJob(network, options, earlier, {
    onSubmitted: (job) => {
      say(`${renderNetwork(network, earlier, job)}\n`);
      return createProgress(job.rows, out);
    },
  });
  say(`\n${renderReport(report)}`);
  if (options.labels === null) say(`\n${renderReadings(read)}`);
  say(
    "\nWhat was earned is held for some seconds here, for a day elsewhere: evidence can still take it back ...",
  );
  report.money = await reportMoney(network, before);
  say(`\n${renderMoney(report.money)}`);
  if (options.keep) {
    say(`\n${renderKept(network, report.job_id)}`);
    exitCodeOnSignal = 0;
  } else {
    await cleanup.run();
    say(`\n${renderNextSteps()}`);
  }
  if (options.json) console.log(JSON.stringify(report));
  if (!report.webhook.verified || !report.receipt.verified) process.exitCode = EXIT_FAILED;
}

const machinesOf = ({ runners, referee }: DemoNetwork) => [...runners, referee];

async function reportMoney(network: DemoNetwork, before: readonly Balance[]): Promise<MoneyReport> {
  const { edge, money, escrow } = network;
  const payments = await settleUp(edge, machinesOf(network));
  const after = await readBalances(money, escrow, machinesOf(network));
  return {
    escrow: escrow.address,
    opened: escrow.opened,
    balances: before.map(({ who, micro }, i) => ({
      who,
      before_micro: micro.toString(),
      after_micro: (after[i]?.micro ?? 0n).toString(),
    })),
    payments,
  };
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let options: DemoOptions;
try {
  options = parseDemoOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${explain(error)}\nnpm run demo -- --help shows the options.`);
  process.exit(EXIT_USAGE);
}
if (options.help) {
  console.log(DEMO_USAGE);
} else {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(exitCodeOnSignal));
  try {
    await demo(options);
  } catch (error) {
    console.error(`\nThe demo failed: ${explain(error)}`);
    await stop(EXIT_FAILED);
  }
}
