import { gunzipSync, gzipSync } from "node:zlib";
import type { FindingCode } from "@infernet/protocol/receipt/findings";
import { LIES, tellLie, truthOf } from "@infernet/protocol/receipt/testing/receipt-lies";
import { SCENARIOS, type ScenarioName } from "@infernet/protocol/receipt/testing/receipt-scenarios";
import { verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import { NetworkId } from "@infernet/schemas/commitment";
import { Epoch } from "@infernet/schemas/epoch";
import { SignedReceipt } from "@infernet/schemas/receipt";
import { z } from "zod";
import { diffJson, type PatchOperation, patchJson } from "./json-patch.ts";

/** What a verifier is given. */
const Given = z.strictObject({
  network: NetworkId,
  signed: SignedReceipt,
  epochs: z.array(Epoch),
  result: z.strictObject({ gzip_base64: z.string() }),
});
type Given = z.infer<typeof Given>;

export interface ValidVector {
  why: string;
  given: unknown;
  /** Codes of what is found, by status. */
  proven: string[];
  not_proven: string[];
}

export interface InvalidVector {
  why: string;
  /** The `why` of the valid one that it was made from. */
  of: string;
  /** What was done to `given` of that one. */
  patch: PatchOperation[];
  /** Codes of what is refuted; the first is the one that the vector is for. */
  refuted: string[];
}

const SHOWN: readonly ScenarioName[] = [
  "audits that all agree",
  "a wrong answer, found by a referee",
  "a quorum of three over integers",
  "a recall that finds a result wrong",
  "a runner that contradicts itself",
  "an auditor that never comes",
  "no checks",
  "a list",
];

const codes = (findings: readonly { code: FindingCode; status: string }[], status: string): FindingCode[] =>
  findings.flatMap((finding) => (finding.status === status ? [finding.code] : []));

/** Verifies what a vector gives. */
export async function verifyGiven(value: unknown) {
  const { signed, network, epochs, result } = Given.parse(value);
  return verifyReceipt(signed, {
    network,
    epochs,
    result: new Uint8Array(gunzipSync(Buffer.from(result.gzip_base64, "base64"))),
  });
}

/** What a patch of a valid vector's `given` comes to. */
export const givenOf = (
  valid: readonly ValidVector[],
  { of, patch }: Pick<InvalidVector, "of" | "patch">,
): unknown => patchJson(valid.find(({ why }) => why === of)?.given, patch);

/** The vectors, as the scenarios and lies of the tests make them. */
export async function makeVectors(): Promise<{ valid: ValidVector[]; invalid: InvalidVector[] }> {
  const valid: ValidVector[] = [];
  for (const why of SHOWN) {
    const story = await SCENARIOS[why]();
    const signed = await story.signed();
    const given = renderGiven({ signed, ...(await truthOf(story, signed.receipt)) });
    const { findings } = await verifyGiven(given);
    valid.push({ why, given, proven: codes(findings, "proven"), not_proven: codes(findings, "not_proven") });
  }
  const invalid: InvalidVector[] = [];
  for (const lie of LIES) {
    const base = valid.find(({ why }) => why === lie.of);
    if (base === undefined) throw new Error(`the scenario "${lie.of}" is not shown`);
    const given = renderGiven(await tellLie(lie, await SCENARIOS[lie.of]()));
    const { findings } = await verifyGiven(given);
    const refuted = codes(findings, "refuted").filter((code) => code !== lie.code);
    const patch = diffJson(base.given, given, ["result"]);
    invalid.push({ why: lie.why, of: lie.of, patch, refuted: [lie.code, ...refuted] });
  }
  return { valid, invalid };
}

function renderGiven({ signed, network, epochs, result }: Awaited<ReturnType<typeof tellLie>>): Given {
  if (network === undefined || epochs === undefined || result === undefined)
    throw new Error("a vector gives everything");
  // As it is read from a file: members that are undefined are none.
  return Given.parse(
    JSON.parse(
      JSON.stringify({
        network,
        signed,
        epochs,
        result: { gzip_base64: gzipSync(result).toString("base64") },
      }),
    ),
  );
}
