import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

/** One line of a program's `--json` output. */
const LogLine = z.looseObject({ event: z.string() });
export type LogLine = z.infer<typeof LogLine>;

/** The `--json` output of a running program, kept from its first line and awaited by what happens in it. */
export interface LogStream {
  lines: readonly LogLine[];
  /** Everything else it wrote, for error messages. */
  text: () => string;
  /** The first line, past or future, that is the event and passes `matches`; rejects when the program ends without it. */
  waitFor: (event: string, matches?: (line: LogLine) => boolean) => Promise<LogLine>;
}

const TEXT_LINES_KEPT = 50;

export function readLogStream(sources: readonly Readable[], name: string): LogStream {
  const lines: LogLine[] = [];
  const text: string[] = [];
  const waiting = new Set<{ take: (line: LogLine) => boolean; end: () => void }>();
  let open = sources.length;

  const receive = (raw: string) => {
    const line = parseLine(raw);
    if (line === null) {
      text.push(raw);
      if (text.length > TEXT_LINES_KEPT) text.shift();
      return;
    }
    lines.push(line);
    for (const waiter of [...waiting]) if (waiter.take(line)) waiting.delete(waiter);
  };
  for (const source of sources) {
    createInterface({ input: source })
      .on("line", receive)
      .on("close", () => {
        open -= 1;
        if (open === 0) for (const waiter of waiting) waiter.end();
      });
  }

  return {
    lines,
    text: () => text.join("\n"),
    waitFor: (event, matches = () => true) =>
      new Promise((resolve, reject) => {
        const isWanted = (line: LogLine) => line.event === event && matches(line);
        const end = () => reject(new Error(`${name} ended without "${event}"\n${text.join("\n")}`));
        const past = lines.find(isWanted);
        if (past) return resolve(past);
        if (open === 0) return end();
        waiting.add({
          take: (line) => {
            if (!isWanted(line)) return false;
            resolve(line);
            return true;
          },
          end,
        });
      }),
  };
}

function parseLine(raw: string): LogLine | null {
  try {
    return LogLine.safeParse(JSON.parse(raw)).data ?? null;
  } catch {
    return null;
  }
}
