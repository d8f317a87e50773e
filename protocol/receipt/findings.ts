/** What a finding says: it follows from the evidence, the evidence does not reach so far, or the evidence says otherwise. */
export type FindingStatus = "proven" | "not_proven" | "refuted";

interface FindingKind {
  status: FindingStatus;
  /** One line for a person. */
  title: string;
  /** What is counted. */
  unit: string;
  /** What would prove it, or what the finding means for whoever relies on the receipt. */
  hint: string | null;
}

const proven = (title: string, unit: string): FindingKind => ({ status: "proven", title, unit, hint: null });
const notProven = (title: string, unit: string, hint: string): FindingKind => ({
  status: "not_proven",
  title,
  unit,
  hint,
});
const refuted = (title: string, unit: string): FindingKind => ({
  status: "refuted",
  title,
  unit,
  hint: null,
});

/** The catalogue of findings. Codes are only ever added. */
export const FINDINGS = {
  receipt_signed: proven("The network signed this receipt, and nothing in it was changed since", "receipt"),
  log_follows: proven("State, figures and tallies follow from the log, fact by fact", "fact"),
  commitments_hold: proven(
    "Whoever answered signed a commitment to network, job, shard, lease, model, class and rows",
    "commitment",
  ),
  draws_follow: proven(
    "Who was drawn follows from the draw's value, the roster and who was excluded",
    "draw",
  ),
  epochs_announced: proven(
    "The seeds of the draws are bound by announcements that the network signed",
    "epoch",
  ),
  seeds_fit: proven("The values of draws follow from published seeds and committed answers", "draw"),
  paths_lead: proven("The checked rows lie in the trees that were committed to", "leaf"),
  copies_equal: proven("Checks returned the very bytes of what they checked", "check"),
  verdicts_follow: proven("Verdicts follow from the comparisons", "verdict"),
  contradiction_proven: proven(
    "A runner signed two answers to one lease: it contradicts itself, and was convicted for it",
    "contradiction",
  ),
  end_follows: proven(
    "Every delivered shard had the checks that it needed, and no open disagreement",
    "shard",
  ),
  result_is_delivered: proven("The result that was given is the one that was delivered", "result"),
  rows_traced: proven("Every row of it lies in an answer that its maker signed", "row"),
  revision_follows: proven("It supersedes the receipt that its own log had before", "revision"),

  seeds_unknown: notProven(
    "Whether values of draws are those of the announced seeds",
    "draw",
    "Give the seeds with --epochs FILE, or --edge URL: they are published when their epoch is over.",
  ),
  result_not_given: notProven(
    "Whether what you got is what was delivered",
    "result",
    "Give it with --result FILE, as GET /jobs/<id>/result answers to Accept: application/cbor.",
  ),
  rows_untraceable: notProven(
    "Whether the delivered numbers come from the signed rows: merged so, they cannot be told apart",
    "row",
    'The merge is neither "concat" nor a "list" that can be read back.',
  ),
  rows_unchecked: notProven(
    "Rows that nobody but their maker computed",
    "row",
    "Each could have been drawn; how often such a row is wrong is bounded by the figures of the receipt.",
  ),
  comparisons_told: notProven(
    "How far apart answers and checks lay: their rows are not in the receipt",
    "comparison",
    "With --result, checks that returned the delivered bytes are proven; of others the figures are the aggregator's word.",
  ),
  rosters_told: notProven(
    "Who could be drawn, with which weight, past and groups: the aggregator's word",
    "roster",
    "A provider that was online finds itself in them, or can prove that it was left out.",
  ),
  skips_told: notProven(
    "Whether runners that were passed over did not take their check in time: the aggregator's word",
    "runner",
    "Only they can say.",
  ),
  nobody_left_told: notProven(
    "Whether there was nobody left to ask: the aggregator's word",
    "decision",
    "The roster of that moment is not in the log, for nobody was drawn from it.",
  ),
  draws_delayed: notProven(
    "Why answers were not drawn for at once, but later",
    "answer",
    "Nobody could be drawn, or a roster did not fit beside the answer: the aggregator's word.",
  ),
  inputs_told: notProven(
    "Whether the runners were given the inputs whose digests the receipt names",
    "input",
    "Compare the digests with the sha256 of what you sent.",
  ),
  paths_left_out: notProven(
    "The way from checked rows to the trees: the receipt would be too large with it",
    "hash",
    "With --result every row is followed to its tree all the same.",
  ),
  revision_unknown: notProven(
    "Whether it supersedes the receipt that was issued before",
    "revision",
    "Give the earlier one with --against FILE.",
  ),

  network_foreign: refuted("It is a receipt of another network", "receipt"),
  signature_wrong: refuted("The network did not sign this receipt, or not with this content", "receipt"),
  log_broken: refuted("A fact cannot follow those before it", "fact"),
  plan_wrong: refuted("The checks that were planned are not those that were asked for", "plan"),
  answer_unwanted: refuted("An answer to no lease, or to one that nobody waited for any more", "answer"),
  rows_wrong: refuted("An answer is not for the rows of its lease", "answer"),
  begun_wrong: refuted("Pay for a part of a completion that its maker cannot have delivered", "part"),
  execution_class_unknown: refuted("An execution class that does not exist", "commitment"),
  leaf_count_wrong: refuted("A tree has not the leaves that its rows make", "commitment"),
  commitment_unsigned: refuted("A commitment that its runner did not sign", "commitment"),
  commitment_unbound: refuted("A root that does not follow from tree and context", "commitment"),
  roster_wrong: refuted("A roster that is not in order, or not the one that is named", "roster"),
  draw_wrong: refuted("A draw that was not due, or came to others than follow from it", "draw"),
  draw_value_wrong: refuted("A value that does not follow from the seed and the answer", "draw"),
  draw_epoch_wrong: refuted("A draw outside of the epoch that it names", "draw"),
  skip_wrong: refuted("A runner was passed over before its time", "runner"),
  verdict_wrong: refuted("Verdicts that do not follow from the comparisons", "verdict"),
  contradiction_wrong: refuted(
    "A runner is convicted of contradicting itself, and did not sign both answers to its lease",
    "contradiction",
  ),
  reopened_wrong: refuted("A shard was taken up again without need", "shard"),
  zone_wrong: refuted("Equal bytes are said to differ", "comparison"),
  end_wrong: refuted("The job was ended before it was over", "job"),
  refund_wrong: refuted("The refund is not the part of the price that was wrong", "refund"),
  outcome_wrong: refuted("What it says of the log is not what the log comes to", "member"),
  evidence_wrong: refuted("The evidence does not fit the log", "member"),
  path_wrong: refuted("A path that does not lead to its tree", "leaf"),
  epoch_unsigned: refuted("An announcement of an epoch that the network did not sign", "epoch"),
  epoch_foreign: refuted("An epoch of another network was given", "epoch"),
  epoch_contradicted: refuted("An epoch was announced in two ways: the network contradicts itself", "epoch"),
  seed_wrong: refuted("A seed that does not have the announced hash", "epoch"),
  result_wrong: refuted("The result that was given is not the one that was delivered", "result"),
  rows_mismatch: refuted("Delivered rows are not those that were signed", "shard"),
  revision_wrong: refuted("It does not supersede the receipt that was issued before", "revision"),
} as const satisfies Record<string, FindingKind>;

export type FindingCode = keyof typeof FINDINGS;

/** How often the same was found, and where the first times. */
export interface Finding {
  code: FindingCode;
  status: FindingStatus;
  title: string;
  unit: string;
  count: number;
  where: string[];
  hint: string | null;
}

const PLACES_MAX = 5;

/** Collects findings; what is found again is counted. */
export class Findings {
  readonly #found = new Map<FindingCode, { count: number; where: string[] }>();

  add(code: FindingCode, where: string | null = null, count = 1): void {
    if (count === 0) return;
    const found = this.#found.get(code) ?? { count: 0, where: [] };
    found.count += count;
    if (where !== null && found.where.length < PLACES_MAX) found.where.push(where);
    this.#found.set(code, found);
  }

  has(code: FindingCode): boolean {
    return this.#found.has(code);
  }

  /** In the order of the catalogue. */
  list(): Finding[] {
    return (Object.keys(FINDINGS) as FindingCode[]).flatMap((code) => {
      const found = this.#found.get(code);
      return found === undefined ? [] : [{ code, ...FINDINGS[code], ...found }];
    });
  }
}
