import { readFile } from "node:fs/promises";
import { NetworkId } from "@infernet/schemas/commitment";
import { ReceiptUnreadable, readReceiptText } from "@infernet/schemas/receipt-text";
import { type Command, InvalidArgumentError } from "commander";
import { addExamples } from "../cli/common-options.ts";
import { parseEdge } from "../cli/parse-options.ts";
import { RUNNER_ERRORS, RunnerError } from "../runner-error.ts";
import type { Verified } from "./verify-texts.ts";

interface VerifyFlags {
  result?: string;
  epochs?: string;
  edge?: string;
  network?: NetworkId;
  against?: string;
  json?: boolean;
}

/** Exit codes of `verify` beside 0 and those of `RUNNER_ERRORS`. */
const EXIT = { refuted: 7, unreadable: 8 } as const;

/** `infernet-runner verify`: says what a receipt proves. Needs no network, no account and no identity. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command("verify")
    .description("check a job's receipt, offline unless --edge is given")
    .argument("<receipt>", "file with what GET /jobs/<id>/receipt answered, or with a direct job's receipt")
    .option("--result <file>", "the result, as GET /jobs/<id>/result answers to Accept: application/cbor")
    .option(
      "--epochs <file>",
      "published epochs with their seeds, as GET /epochs/<n> answers; or a list of them",
    )
    .option("--edge <url>", "fetch the epochs from this edge", parseEdge)
    .option("--network <id>", "the network that it has to be of", parseNetwork)
    .option("--against <file>", "another receipt: the one before, or one that contradicts it")
    .option("--json", "print the report as JSON")
    .action(verify);
  addExamples(command, "infernet-runner verify receipt.json --result result.cbor");
}

/** What it needs is loaded only now: a runner that works for months need not hold it. */
async function verify(file: string, flags: VerifyFlags): Promise<void> {
  try {
    if (await verifyDirectFile(file, flags)) return;
    const { renderReport } = await import("./render-report.ts");
    const verified = await verifyFiles(file, flags);
    process.stdout.write(
      flags.json ? renderJson(verified) : renderReport(verified, flags.network !== undefined),
    );
    const isRefuted = verified.report.verdict === "refuted" || verified.equivocation !== null;
    if (isRefuted) process.exitCode = EXIT.refuted;
  } catch (error) {
    process.exitCode = explain(error, file);
  }
}

/** Whether the file is a receipt of a direct job, which is then verified as one. */
async function verifyDirectFile(file: string, { result, json }: VerifyFlags): Promise<boolean> {
  const { renderDirectReport, verifyDirectText } = await import("./verify-direct-text.ts");
  const verified = await verifyDirectText(await readText(file), await readGiven(result, readBytes));
  if (verified === null) return false;
  const told = json ? `${JSON.stringify(verified.report, null, 2)}\n` : renderDirectReport(verified);
  process.stdout.write(told);
  if (verified.report.verdict === "refuted") process.exitCode = EXIT.refuted;
  return true;
}

async function verifyFiles(file: string, flags: VerifyFlags): Promise<Verified> {
  const { network, edge, ...files } = flags;
  const { verifyTexts } = await import("./verify-texts.ts");
  const { fetchEpochs } = await import("./fetch-epochs.ts");
  const receipt = await readText(file);
  const published =
    edge === undefined ? undefined : await fetchEpochs(edge, readReceiptText(receipt).receipt);
  return verifyTexts({
    receipt,
    network,
    epochs: published === undefined ? await readGiven(files.epochs, readText) : JSON.stringify(published),
    against: await readGiven(files.against, readText),
    result: await readGiven(files.result, readBytes),
  });
}

const readGiven = async <T>(
  file: string | undefined,
  read: (file: string) => Promise<T>,
): Promise<T | undefined> => (file === undefined ? undefined : read(file));

/** Says on standard error what kept the receipt from being verified; gives the exit code. */
function explain(error: unknown, file: string): number {
  const say = (text: string): void => void process.stderr.write(`infernet-runner verify: ${text}\n`);
  if (error instanceof RunnerError) {
    const { hint, exit_code } = RUNNER_ERRORS[error.code];
    say(`${error.message}. ${hint}`);
    return exit_code;
  }
  if (!(error instanceof ReceiptUnreadable)) throw error;
  say(`${file} cannot be verified: ${error.message}.`);
  return EXIT.unreadable;
}

async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    throw new ReceiptUnreadable(`${file} cannot be read: ${String(error)}`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ReceiptUnreadable(`${file} is not UTF-8`, { cause: error });
  }
}

const renderJson = (verified: Verified): string => {
  const { report, equivocation } = verified;
  return `${JSON.stringify({ ...report, equivocation }, null, 2)}\n`;
};

function parseNetwork(text: string): NetworkId {
  const parsed = NetworkId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError("It must be a network id, as in net_ and 43 characters.");
}
