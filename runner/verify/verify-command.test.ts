import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Command } from "commander";
import { afterAll, expect, test, vi } from "vitest";
import { z } from "zod";
import type { ValidVector } from "./testing/receipt-vectors.ts";
import { addVerifyCommand } from "./verify-command.ts";

const Given = z.object({
  network: z.string(),
  signed: z.object({
    receipt: z.looseObject({ job: z.record(z.string(), z.unknown()) }),
    signature: z.string(),
  }),
  epochs: z.array(z.looseObject({ epoch: z.number(), seed: z.string() })),
  result: z.object({ gzip_base64: z.string() }),
});

const vectors: ValidVector[] = JSON.parse(
  readFileSync(new URL("../../schemas/vectors/receipt.valid.json", import.meta.url), "utf8"),
);
const find = (name: string) => Given.parse(vectors.find(({ why }) => why === name)?.given);
const audits = find("audits that all agree");
const convicted = find("a wrong answer, found by a referee");

const folder = mkdtempSync(join(tmpdir(), "infernet-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, content instanceof Uint8Array ? content : JSON.stringify(content));
  return file;
}

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a person sees who types this after `infernet-runner verify`. */
async function run(...args: string[]): Promise<Ran> {
  const ran: Ran = { code: 0, stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      ran[name] += String(text);
      return true;
    }),
  );
  const program = new Command("infernet-runner").exitOverride();
  addVerifyCommand(program);
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await program.parseAsync(["verify", ...args], { from: "user" });
  } finally {
    ran.code = Number(process.exitCode ?? 0);
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
  return ran;
}

const receipt = write("receipt.json", audits.signed);
const epochs = write("epochs.json", audits.epochs);
const result = write("result.cbor", gunzipSync(Buffer.from(audits.result.gzip_base64, "base64")));

test("a receipt that holds is told with what it proves and what not, and exits with 0", async () => {
  const { code, stdout } = await run(
    receipt,
    "--result",
    result,
    "--epochs",
    epochs,
    "--network",
    audits.network,
  );
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Receipt of job_001_00000000000000000000000000000001, revision 0, issued 2025-02-19T21:20:03.100Z
      network    net_l__Ig8gL7nI375XZubcD1K1j5goh5gWGdoK3W4s_QwM
      model      97ff8a35544dcf40ad84047074439dd6aa3a0be469ea578a1b1c017d939ec61c
      work       12 rows in 2 shards, merge "concat"
      checks     audit: 1 provider, 4 rows of each shard
      price      1000 micro-units of credit (at most 1000 were quoted); fee 10 (1 %)
      input      9e21903f6cb37d11c971143c035a5959587b8c063a18217d37bfc363963323bb  x
      outcome    succeeded
      result     e84b379596bc51425e1b0a1f3dc38e3f4bdb37bc061517e9ead608026a187501  52,851 bytes
      reached    2 audits agreed over 8 rows, 0 disputes, group error at most 0.00047, stealth bound 0.039

    Proven
      + The network signed this receipt, and nothing in it was changed since (1 receipt)
      + State, figures and tallies follow from the log, fact by fact (7 facts)
      + Whoever answered signed a commitment to network, job, shard, lease, model, class and rows (4 commitments)
      + Who was drawn follows from the draw's value, the roster and who was excluded (2 draws)
      + The seeds of the draws are bound by announcements that the network signed (1 epoch)
      + The values of draws follow from published seeds and committed answers (2 draws)
      + The checked rows lie in the trees that were committed to (8 leaves)
      + Checks returned the very bytes of what they checked (2 checks)
      + Every delivered shard had the checks that it needed, and no open disagreement (2 shards)
      + The result that was given is the one that was delivered (1 result)
      + Every row of it lies in an answer that its maker signed (12 rows)

    Not proven here
      ? Rows that nobody but their maker computed (4 rows)
          Each could have been drawn; how often such a row is wrong is bounded by the figures of the receipt.
      ? Who could be drawn, with which weight, past and groups: the aggregator's word (1 roster)
          A provider that was online finds itself in them, or can prove that it was left out.
      ? Whether the runners were given the inputs whose digests the receipt names (1 input)
          Compare the digests with the sha256 of what you sent.

    This receipt holds: nothing that it says is refuted by its evidence.
    "
  `);
});

test("with nothing but itself it says what would prove the rest", async () => {
  const { code, stdout } = await run(receipt);
  expect(code).toBe(0);
  expect(stdout).toContain("Give it with --result FILE");
  expect(stdout).toContain("Give the seeds with --epochs FILE, or --edge URL");
  expect(stdout).toContain("--network names the one you expect");
});

test("whoever was found wrong is named", async () => {
  const { stdout } = await run(write("convicted.json", convicted.signed));
  expect(stdout).toMatch(/convicted {2}run_[a-z2-7]{52}: its answer of shard [0-9] was wrong/);
});

test("a changed receipt exits with 7 and says what is wrong", async () => {
  const job = { ...audits.signed.receipt.job, merge: "list" };
  const changed = { ...audits.signed, receipt: { ...audits.signed.receipt, job } };
  const { code, stdout } = await run(write("changed.json", changed));
  expect(code).toBe(7);
  expect(stdout).toContain("- The network did not sign this receipt, or not with this content (1 receipt)");
  expect(stdout).toContain("This receipt does not hold: signature_wrong.");
});

test("--json gives the report as it is", async () => {
  const { code, stdout } = await run(
    receipt,
    "--json",
    "--network",
    "net_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  );
  expect(code).toBe(7);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "refuted",
    revision: 0,
    findings: [{ code: "network_foreign", status: "refuted", count: 1 }],
    equivocation: null,
  });
});

test("what is no receipt exits with 8, whichever file it is", async () => {
  const broken = write("broken.json", { hello: "world" });
  for (const args of [
    [broken],
    [join(folder, "missing.json")],
    [result],
    [receipt, "--epochs", broken],
    [receipt, "--against", broken],
    [receipt, "--result", join(folder, "missing.cbor")],
  ]) {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(8);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^infernet-runner verify: .* cannot be verified: .*\.\n$/);
  }
});

test("--edge fetches the seeds, and an edge that is away is told apart from a bad receipt", async () => {
  const server = createServer((request, response) => {
    const epoch = audits.epochs.find((one) => request.url === `/epochs/${one.epoch}`);
    response.statusCode = epoch === undefined ? 404 : 200;
    response.end(JSON.stringify(epoch ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has a port");
  const edge = `http://127.0.0.1:${address.port}`;
  const { stdout, code } = await run(receipt, "--edge", edge);
  expect(code).toBe(0);
  expect(stdout).toContain("The values of draws follow from published seeds");
  const foreign = await run(receipt, "--edge", `${edge}/elsewhere`);
  expect(foreign).toMatchObject({ code: 4, stdout: "" });
  expect(foreign.stderr).toContain("answered 404");
  await new Promise((resolve) => server.close(resolve));
  expect(await run(receipt, "--edge", edge)).toMatchObject({ code: 4, stdout: "" });
});

test("--against another receipt finds that the network contradicts itself, or does not", async () => {
  expect((await run(receipt, "--against", receipt)).code).toBe(0);
  expect((await run(receipt, "--against", write("other.json", convicted.signed))).code).toBe(0);
});
