import type { NetworkId } from "@infernet/schemas/commitment";
import { isSignedByNetwork } from "@infernet/schemas/ed25519";
import { type Epoch, epochStatement } from "@infernet/schemas/epoch";
import { Equivocation, type Statement } from "@infernet/schemas/equivocation";
import type { SignedReceipt } from "@infernet/schemas/receipt";
import { signerOf } from "@infernet/schemas/receipt-signature";
import { isSame } from "./is-same.ts";
import { receiptDigest } from "./render-receipt.ts";

/**
 * Two statements that one network signed and that cannot both be true, as a proof that anybody can check; null when they
 * are not signed by one network, or do not contradict each other. Statements are receipts and announced epochs.
 */
export async function findEquivocation(a: Statement, b: Statement): Promise<Equivocation | null> {
  const network = await makerOf(a);
  if (network === null || network !== (await makerOf(b))) return null;
  const kind = findContradiction(network, a, b);
  return kind === null ? null : { type: "infernet.equivocation.v1", kind, statements: [a, b] };
}

/** Whether a proof proves what it says. */
export async function isEquivocation(proof: unknown): Promise<boolean> {
  const parsed = Equivocation.safeParse(proof);
  if (!parsed.success) return false;
  const found = await findEquivocation(...parsed.data.statements);
  return found?.kind === parsed.data.kind;
}

/** The network that made a statement; null when the signature is not of the network that it names. */
async function makerOf(statement: Statement): Promise<NetworkId | null> {
  if ("receipt" in statement) return signerOf(statement);
  const isSigned = await isSignedByNetwork(statement.network, epochStatement(statement), statement.signature);
  return isSigned ? statement.network : null;
}

function findContradiction(network: NetworkId, a: Statement, b: Statement): Equivocation["kind"] | null {
  if ("receipt" in a && "receipt" in b) {
    const kind = compareReceipts(a, b);
    if (kind !== null) return kind;
  }
  const others = listAnnounced(network, b);
  const contradicts = listAnnounced(network, a).some((one) =>
    others.some((other) => one.epoch === other.epoch && !isSame(announcementOf(one), announcementOf(other))),
  );
  return contradicts ? "epoch_twice" : null;
}

/** Of one job: the same revision in two ways, or a later one that does not continue the earlier. */
function compareReceipts(
  { receipt: a }: SignedReceipt,
  { receipt: b }: SignedReceipt,
): Equivocation["kind"] | null {
  if (a.job.id !== b.job.id) return null;
  if (a.revision === b.revision) return isSame(a, b) ? null : "receipt_twice";
  const [early, late] = a.revision < b.revision ? [a, b] : [b, a];
  const isNext = early.revision + 1 === late.revision;
  const continues =
    isSame(early.job, late.job) &&
    isSame(early.log, late.log.slice(0, early.log.length)) &&
    (!isNext || late.supersedes === receiptDigest(early));
  return continues ? null : "history_rewritten";
}

type Announced = Omit<Epoch, "seed">;

function listAnnounced(network: NetworkId, statement: Statement): Announced[] {
  if ("receipt" in statement) return statement.receipt.epochs.map((epoch) => ({ ...epoch, network }));
  return [statement];
}

const announcementOf = ({ epoch, starts_ms, ends_ms, seed_sha256 }: Announced) => ({
  epoch,
  starts_ms,
  ends_ms,
  seed_sha256,
});
