import { type Bytes, Sha256 } from "@infernet/schemas/digest";
import type { Epoch } from "@infernet/schemas/epoch";
import { hashSha256, renderHash } from "@infernet/schemas/hash";
import { LeaseId } from "@infernet/schemas/ids";
import type { CommittedFact, DrawnFact, JobFact } from "@infernet/schemas/job-fact";
import type { LogEntry, Receipt, SignedReceipt } from "@infernet/schemas/receipt";
import { createTestNetwork, type TestNetwork } from "@infernet/schemas/testing/test-network";
import type { FindingCode } from "../findings.ts";
import { materialOf } from "../receipt-material.ts";
import { renderRevision } from "../render-receipt.ts";
import type { VerifyOptions } from "../verify-receipt.ts";
import type { ScenarioName } from "./receipt-scenarios.ts";
import type { ReceiptStory } from "./receipt-story.ts";

/** A receipt that does not hold, with what it was verified with. */
export interface Lie {
  code: FindingCode;
  why: string;
  of: ScenarioName;
  tell: (story: ReceiptStory, receipt: Receipt) => Promise<Told> | Told;
}

/** The receipt is signed by its network unless it is signed already: the aggregator itself lies. */
interface Told extends Partial<Pick<VerifyOptions, "network" | "epochs" | "result">> {
  receipt: Receipt;
  signature?: string;
}

/** What a verifier is given. */
export interface Given extends Pick<VerifyOptions, "network" | "epochs" | "result"> {
  signed: SignedReceipt;
}

/** Tells the lie about a story of its scenario. Without the lie's own, the epochs and the result are the story's. */
export async function tellLie(lie: Lie, story: ReceiptStory): Promise<Given> {
  const { receipt, signature, ...given } = await lie.tell(story, await story.receipt());
  const signed = signature === undefined ? await story.network.sign(receipt) : { receipt, signature };
  return { signed, ...(await truthOf(story, receipt)), ...given };
}

export async function truthOf(
  { network, result }: ReceiptStory,
  { epochs }: Receipt,
): Promise<Pick<Given, "network" | "epochs" | "result">> {
  const published = await Promise.all(epochs.map(({ epoch }) => network.publish(epoch)));
  return { network: network.id, epochs: published, ...(result === null ? {} : { result }) };
}

/** A receipt whose own words all fit a changed log, as far as they can; else with the words that it had. */
function retell(receipt: Receipt, log: LogEntry[]): Told {
  try {
    const material = { ...materialOf(receipt), log };
    return { receipt: renderRevision(material, receipt.supersedes) };
  } catch {
    return { receipt: { ...receipt, log } };
  }
}

type Kind = JobFact["kind"];
type FactOf<K extends Kind> = Extract<JobFact, { kind: K }>;

/** Changes the first fact of a kind that the change takes; null: it does not take this one. */
function changeFact<K extends Kind>(
  receipt: Receipt,
  kind: K,
  change: (fact: FactOf<K>) => FactOf<K> | null,
): LogEntry[] {
  for (const [n, entry] of receipt.log.entries()) {
    const changed = entry.fact.kind === kind ? change(entry.fact as FactOf<K>) : null;
    if (changed !== null) return receipt.log.with(n, { ...entry, fact: changed });
  }
  throw new Error(`no fact ${kind} takes the change`);
}

type Result = CommittedFact["results"][number];

const changeResult = (
  receipt: Receipt,
  change: (result: Result, fact: CommittedFact) => Result | null,
): Told =>
  retell(
    receipt,
    changeFact(receipt, "committed", (fact) => {
      for (const [n, result] of fact.results.entries()) {
        const changed = change(result, fact);
        if (changed !== null) return { ...fact, results: fact.results.with(n, changed) };
      }
      return null;
    }),
  );

const changeDraw = (
  receipt: Receipt,
  change: (draw: CommittedFact["draws"][number]) => CommittedFact["draws"][number],
): Told =>
  retell(
    receipt,
    changeFact(receipt, "committed", (fact) =>
      fact.draws.length === 0 ? null : { ...fact, draws: fact.draws.map(change) },
    ),
  );

const flip = (hash: string): Sha256 => Sha256.parse((hash.startsWith("0") ? "1" : "0") + hash.slice(1));

const flipByte = (bytes: Bytes | null): Bytes => {
  if (bytes === null) throw new Error("there is no result");
  const flipped = new Uint8Array(bytes);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  return flipped;
};

const publishAs = async (
  network: TestNetwork,
  { epochs }: Receipt,
  change: (epoch: Epoch) => Epoch,
): Promise<Epoch[]> => Promise.all(epochs.map(async ({ epoch }) => change(await network.publish(epoch))));

const AUDITS: ScenarioName = "audits that all agree";
const FOUND: ScenarioName = "a wrong answer, found by a referee";
const CONTRADICTED: ScenarioName = "a runner that contradicts itself";
const REVOKED: ScenarioName = "a recall that finds a result wrong";

/** One way to lie for everything that can be refuted. */
export const LIES: readonly Lie[] = [
  {
    code: "network_foreign",
    why: "another network was expected",
    of: AUDITS,
    tell: async (_, receipt) => ({ receipt, network: (await createTestNetwork(201)).id }),
  },
  {
    code: "signature_wrong",
    why: "the price was changed after signing",
    of: AUDITS,
    tell: async (story, receipt) => {
      const { signature } = await story.network.sign(receipt);
      return {
        receipt: { ...receipt, job: { ...receipt.job, price: { ...receipt.job.price, quoted_micro: "1" } } },
        signature,
      };
    },
  },
  {
    code: "signature_wrong",
    why: "another network signed it",
    of: AUDITS,
    tell: async (_, receipt) => {
      const other = await createTestNetwork(201);
      return { receipt, signature: (await other.sign(receipt)).signature };
    },
  },
  {
    code: "log_broken",
    why: "a fact was left out",
    of: AUDITS,
    tell: (_, receipt) => ({ receipt: { ...receipt, log: receipt.log.toSpliced(1, 1) } }),
  },
  {
    code: "log_broken",
    why: "the log goes on after the end",
    of: AUDITS,
    tell: (_, receipt) => ({ receipt: { ...receipt, log: receipt.log.slice(0, -1) } }),
  },
  {
    code: "plan_wrong",
    why: "checks were promised that nobody asked for",
    of: "no checks",
    tell: (_, receipt) => {
      const plan = { ...receipt.job.plan, error_max: 0.5 };
      return { receipt: { ...receipt, job: { ...receipt.job, plan } } };
    },
  },
  {
    code: "answer_unwanted",
    why: "the answer is under a lease that was never given",
    of: AUDITS,
    tell: (_, receipt) =>
      changeResult(receipt, (result) => ({
        ...result,
        lease_id: result.lease_id.replace(/_0$/, "_9") as Result["lease_id"],
      })),
  },
  {
    code: "rows_wrong",
    why: "a check is for fewer rows than were drawn",
    of: AUDITS,
    tell: (_, receipt) =>
      changeResult(receipt, (result) =>
        result.role === "audit" ? { ...result, rows: result.rows - 1 } : null,
      ),
  },
  {
    code: "execution_class_unknown",
    why: "no engine of that name exists",
    of: AUDITS,
    tell: (_, receipt) =>
      changeResult(receipt, (result) => ({ ...result, execution_class: "abacus/1.0.0/hand/wood" })),
  },
  {
    code: "begun_wrong",
    why: "a part of an answer is paid to somebody who never had its shard",
    of: AUDITS,
    tell: (_, receipt) =>
      changeResult(receipt, (result, { runner }) => {
        const { shard, role, lease_id } = result;
        if (role !== "compute") return null;
        const part = { shard, runner, lease_id: LeaseId.parse(`${lease_id.slice(0, -1)}7`), start: 0 };
        return { ...result, begun: [{ ...part, positions: 4, units: 160 }] };
      }),
  },
  {
    code: "begun_wrong",
    why: "whoever finished an answer is paid for its beginning again",
    of: AUDITS,
    tell: (_, receipt) =>
      changeResult(receipt, (result, { runner }) => {
        const { shard, role, lease_id } = result;
        const part = { shard, runner, lease_id, start: 0, positions: 4, units: 160 };
        return role === "compute" ? { ...result, begun: [part] } : null;
      }),
  },
  {
    code: "leaf_count_wrong",
    why: "a leaf has more rows than the answer",
    of: AUDITS,
    tell: (_, receipt) => changeResult(receipt, (result) => ({ ...result, leaf_rows: result.rows + 1 })),
  },
  {
    code: "leaf_count_wrong",
    why: "the delivered rows make other leaves than were committed to",
    of: "no checks",
    tell: async (story) => {
      // A runner that puts every row into a leaf of its own, though they are small, and an edge that lets it.
      const careless = await story.recommit((result) => ({ ...result, leaf_rows: 1 }));
      return { receipt: careless };
    },
  },
  {
    code: "commitment_unsigned",
    why: "the signature is of another commitment, replayed",
    of: AUDITS,
    tell: (_, receipt) => {
      const last = receipt.log.findLast(({ fact }) => fact.kind === "committed")?.fact as CommittedFact;
      const [other] = last.results;
      return changeResult(receipt, (result) => (other ? { ...result, signature: other.signature } : null));
    },
  },
  {
    code: "commitment_unbound",
    why: "the tree is another answer's",
    of: AUDITS,
    tell: (_, receipt) => {
      const { evidence } = receipt;
      const [first, second] = evidence.trees;
      if (first === undefined || second === undefined) throw new Error("there are two trees");
      const trees = evidence.trees.with(0, { ...first, root: second.root });
      return { receipt: { ...receipt, evidence: { ...evidence, trees } } };
    },
  },
  {
    code: "roster_wrong",
    why: "a roster is not in the order of ids",
    of: AUDITS,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "committed", (fact) =>
          fact.rosters.length === 0
            ? null
            : { ...fact, rosters: fact.rosters.map(({ runners }) => ({ runners: runners.toReversed() })) },
        ),
      ),
  },
  {
    code: "draw_wrong",
    why: "another auditor than the one drawn",
    of: AUDITS,
    tell: (story, receipt) =>
      changeDraw(receipt, (draw) => {
        const other = story.signers.find(({ id }) => id !== story.id(0) && !draw.runners.includes(id));
        return { ...draw, runners: other === undefined ? [] : [other.id] };
      }),
  },
  {
    code: "draw_value_wrong",
    why: "a value that is not of the epoch's seed",
    of: AUDITS,
    tell: (_, receipt) => changeDraw(receipt, (draw) => ({ ...draw, value: flip(draw.value) })),
  },
  {
    code: "draw_epoch_wrong",
    why: "the draw was made when the seed was public",
    of: AUDITS,
    tell: async ({ network }, receipt) => {
      const late = { starts_ms: 0, ends_ms: 600_000 };
      const announced = receipt.epochs.map(({ epoch }) => network.announce(epoch, late));
      return { receipt: { ...receipt, epochs: await Promise.all(announced) }, epochs: [] };
    },
  },
  {
    code: "skip_wrong",
    why: "a runner was passed over the moment it was drawn",
    of: "an auditor that never comes",
    tell: (_, receipt) => {
      const n = receipt.log.findIndex(({ fact }) => fact.kind === "drawn");
      const [entry, before] = [receipt.log[n], receipt.log[n - 1]];
      if (entry === undefined || before === undefined) throw new Error("there is a fact before it");
      return retell(receipt, receipt.log.with(n, { ...entry, at_ms: before.at_ms }));
    },
  },
  {
    code: "verdict_wrong",
    why: "the wrong one is spared",
    of: FOUND,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "committed", (fact) => {
          const [verdict] = fact.verdicts;
          if (verdict === undefined) return null;
          const answer = { ...verdict.answer, ruling: "set_aside" as const };
          return { ...fact, verdicts: [{ ...verdict, answer }] };
        }),
      ),
  },
  {
    code: "contradiction_wrong",
    why: "the second answer is not signed by its runner",
    of: CONTRADICTED,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "contradicted", (fact) => ({
          ...fact,
          second: { ...fact.second, signature: fact.first.signature },
        })),
      ),
  },
  {
    code: "contradiction_wrong",
    why: "the same answer twice is no contradiction",
    of: CONTRADICTED,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "contradicted", (fact) => ({ ...fact, second: fact.first })),
      ),
  },
  {
    code: "contradiction_wrong",
    why: "the first answer is not the one in the log",
    of: CONTRADICTED,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "contradicted", (fact) => ({ ...fact, first: fact.second, second: fact.first })),
      ),
  },
  {
    code: "reopened_wrong",
    why: "a shard that nobody doubts was computed again",
    of: FOUND,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "drawn", (fact): DrawnFact => ({ ...fact, reopened: [2] })),
      ),
  },
  {
    code: "zone_wrong",
    why: "equal bytes are called a fraud",
    of: "a quorum of three over integers",
    tell: (_, receipt) =>
      changeResult(receipt, (result) =>
        result.comparisons.length === 0
          ? null
          : { ...result, comparisons: result.comparisons.map((one) => ({ ...one, zone: "fraud" })) },
      ),
  },
  {
    code: "end_wrong",
    why: "it succeeded before the last audit had come",
    of: AUDITS,
    tell: (_, receipt) => {
      const end = receipt.log.at(-1);
      if (end === undefined) throw new Error("a log has an end");
      const early = receipt.log.slice(0, -3);
      return retell(receipt, [...early, { ...end, seq: early.length + 1 }]);
    },
  },
  {
    code: "refund_wrong",
    why: "less was given back than was wrong",
    of: REVOKED,
    tell: (_, receipt) =>
      retell(
        receipt,
        changeFact(receipt, "revoked", (fact) => ({ ...fact, refund_micro: "1" })),
      ),
  },
  {
    code: "outcome_wrong",
    why: "a provider has more audits than it passed",
    of: AUDITS,
    tell: (_, receipt) => {
      const providers = receipt.outcome.providers.map(({ id, tally }) => ({
        id,
        tally: { ...tally, audits_passed: tally.audits_passed + 100 },
      }));
      return { receipt: { ...receipt, outcome: { ...receipt.outcome, providers } } };
    },
  },
  {
    code: "outcome_wrong",
    why: "the group error is not the one reached",
    of: AUDITS,
    tell: (_, receipt) => {
      const reached = { ...receipt.outcome.reached, group_error_max: 1e-9 };
      return { receipt: { ...receipt, outcome: { ...receipt.outcome, reached } } };
    },
  },
  {
    code: "evidence_wrong",
    why: "the paths of one answer are missing",
    of: AUDITS,
    tell: (_, receipt) => {
      const evidence = { ...receipt.evidence, path_hashes: 50_000 };
      return { receipt: { ...receipt, evidence } };
    },
  },
  {
    code: "path_wrong",
    why: "a leaf that does not lead to its tree",
    of: AUDITS,
    tell: (_, receipt) => {
      const paths = (receipt.evidence.paths ?? []).map((one) => ({
        ...one,
        leaves: one.leaves.map((leaf) => ({ ...leaf, leaf: flip(leaf.leaf) })),
      }));
      return { receipt: { ...receipt, evidence: { ...receipt.evidence, paths } } };
    },
  },
  {
    code: "path_wrong",
    why: "a path with one hash too many",
    of: AUDITS,
    tell: (_, receipt) => {
      const paths = (receipt.evidence.paths ?? []).map((one) => ({
        ...one,
        leaves: one.leaves.map((leaf) => ({ ...leaf, path: [...leaf.path, leaf.leaf] })),
      }));
      return { receipt: { ...receipt, evidence: { ...receipt.evidence, paths } } };
    },
  },
  {
    code: "epoch_unsigned",
    why: "the seed's hash is not the one that was announced",
    of: AUDITS,
    tell: (_, receipt) => ({
      receipt: {
        ...receipt,
        epochs: receipt.epochs.map((epoch) => ({ ...epoch, seed_sha256: flip(epoch.seed_sha256) })),
      },
      epochs: [],
    }),
  },
  {
    code: "epoch_foreign",
    why: "the seeds are of another network",
    of: AUDITS,
    tell: async (_, receipt) => ({
      receipt,
      epochs: await publishAs(await createTestNetwork(201), receipt, (epoch) => epoch),
    }),
  },
  {
    code: "epoch_contradicted",
    why: "the epoch was announced with another seed elsewhere",
    of: AUDITS,
    tell: async ({ network }, receipt) => ({
      receipt,
      epochs: await Promise.all(
        receipt.epochs.map(async ({ epoch, seed_sha256 }) => ({
          network: network.id,
          ...(await network.announce(epoch, { seed_sha256: flip(seed_sha256) })),
          seed: null,
        })),
      ),
    }),
  },
  {
    code: "seed_wrong",
    why: "a seed revealed wrongly",
    of: AUDITS,
    tell: async ({ network }, receipt) => ({
      receipt,
      epochs: await publishAs(network, receipt, (epoch) => ({
        ...epoch,
        seed: renderHash(hashSha256(new Uint8Array(3))),
      })),
    }),
  },
  {
    code: "result_wrong",
    why: "a byte of the result was changed on its way",
    of: AUDITS,
    tell: (story, receipt) => ({ receipt, result: flipByte(story.result) }),
  },
  {
    code: "rows_mismatch",
    why: "the aggregator delivered other rows than were signed",
    of: AUDITS,
    tell: (story, receipt) => {
      const result = flipByte(story.result);
      const sha256 = renderHash(hashSha256(result));
      const log = changeFact(receipt, "succeeded", (fact) => ({
        ...fact,
        result: { ...fact.result, sha256 },
      }));
      return { ...retell(receipt, log), result };
    },
  },
  {
    code: "revision_wrong",
    why: "it names another receipt as the one before",
    of: REVOKED,
    tell: (_, receipt) => ({ receipt: { ...receipt, supersedes: flip(receipt.supersedes ?? "") } }),
  },
];
