import type { NewPart } from "@infernet/db/account/batches";
import type { BatchState, PartLine, PartWork } from "@infernet/schemas/batch-state";
import { sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import type { BlobStore } from "../blobs/blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import type { FileLine } from "../files/read-lines.ts";
import { isBlank, type ParsedLine } from "./parse-batch-line.ts";
import type { ResultWriter, Unanswered } from "./result-writer.ts";
import type { TranslatedLine } from "./translate-line.ts";

interface CutInput {
  store: BlobStore;
  /** From where the last cut ended. */
  lines: AsyncIterable<FileLine>;
  parse: (line: FileLine) => ParsedLine;
  /** Throws an InfernetError for what no row can be made of. */
  translate: (
    request: Extract<ParsedLine, { request: unknown }>["request"],
    line: number,
  ) => Promise<TranslatedLine>;
  results: () => ResultWriter;
  /** Set when no more jobs are made: then all lines are left unanswered for this reason. */
  why: Unanswered | null;
}

interface Cut {
  parts: NewPart[];
  /** Where the next cut begins; null at the input's end. */
  uncut: BatchState["uncut"];
}

/** Rows of one job to be. */
interface Group {
  translated: TranslatedLine;
  rows: Uint8Array[];
  lines: PartLine[];
  result_bytes: number;
}

/**
 * Cuts the next lines of an input into parts: lines of one model and with equal wishes are rows of one job, as far as its
 * result surely fits. Lines of which no row can be made are answered at once. No more than these lines is held, and
 * repeating it stores the same blobs again.
 */
export async function cutInput({ store, lines, parse, translate, results, why }: CutInput): Promise<Cut> {
  const groups = new Map<string, Group>();
  const full: Group[] = [];
  const refused = results();
  let uncut: BatchState["uncut"] = null;
  let count = 0;
  let bytes = 0;
  for await (const line of lines) {
    uncut = line.next;
    if (isBlank(line)) continue;
    count += 1;
    bytes += line.text?.length ?? 0;
    const parsed = parse(line);
    if ("error" in parsed) throw new Error(`line ${line.number} was read before and had no error`);
    const { request } = parsed;
    if (why !== null) await refused.leave({ line: line.number, custom_id: request.custom_id }, why);
    else
      try {
        addLine(groups, full, await translate(request, line.number), request.custom_id, line.number);
      } catch (error) {
        if (!(error instanceof InfernetError)) throw error;
        await refused.fail({ line: line.number, custom_id: request.custom_id }, error);
      }
    if (count >= LIMITS.batch_cut_lines_max || bytes >= LIMITS.batch_cut_bytes_max) break;
    uncut = null;
  }
  const parts: NewPart[] = [];
  for (const group of [...full, ...groups.values()]) parts.push(await storeGroup(store, group));
  const outcome = await refused.close();
  if (outcome.failed > 0) parts.push({ work: null, lines: [], outcome });
  return { parts, uncut };
}

function addLine(
  groups: Map<string, Group>,
  full: Group[],
  translated: TranslatedLine,
  custom_id: string,
  line: number,
): void {
  const { rows, result_bytes, model, model_name, input, options, encoding, generation } = translated;
  const key = JSON.stringify([model, input, options]);
  let group = groups.get(key);
  if (group !== undefined && !hasRoom(group, translated)) {
    full.push(group);
    group = undefined;
  }
  group ??= { translated, rows: [], lines: [], result_bytes: 0 };
  groups.set(key, group);
  group.rows.push(...rows);
  group.lines.push({
    line,
    custom_id,
    rows: rows.length,
    model: model_name,
    ...(encoding === undefined ? {} : { encoding }),
    ...(generation === undefined ? {} : { generation }),
  });
  group.result_bytes += result_bytes;
}

const hasRoom = (group: Group, { rows, result_bytes }: TranslatedLine): boolean =>
  group.rows.length + rows.length <= LIMITS.batch_job_rows_max &&
  group.result_bytes + result_bytes <= LIMITS.batch_job_result_bytes_max;

async function storeGroup(store: BlobStore, { translated, rows, lines }: Group): Promise<NewPart> {
  const data = joinBytes(rows);
  const blob = await sha256(data);
  await storeBlob(store, blob, data);
  const { model, input, options } = translated;
  const work: PartWork = { model, input, rows: rows.length, blob, options };
  return { work, lines, outcome: null };
}
