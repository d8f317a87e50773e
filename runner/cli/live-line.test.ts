import { beforeEach, describe, expect, it } from "vitest";
import { createLiveLine, type LiveLine } from "./live-line.ts";

/** What a terminal shows: enough of ECMA-48 for lines, returns and erasing to the end of a line. */
class Terminal {
  lines = [""];
  columns = 20;
  #column = 0;

  write(text: string): void {
    for (const [part] of text.replaceAll("\u001b[K", "\t").matchAll(/\t|\r|\n|[^\t\r\n]+/g)) {
      const line = this.lines.at(-1) ?? "";
      if (part === "\r") this.#column = 0;
      else if (part === "\n") this.lines.push("");
      else if (part === "\t") this.lines.splice(-1, 1, line.slice(0, this.#column));
      else {
        this.lines.splice(-1, 1, line.slice(0, this.#column) + part);
        this.#column += part.length;
      }
      if (part === "\n") this.#column = 0;
    }
  }
}

describe("the line at the bottom of a terminal", () => {
  let terminal: Terminal;
  let live: LiveLine;
  beforeEach(() => {
    terminal = new Terminal();
    live = createLiveLine(terminal);
  });

  it("changes in its place, and lines come above it", () => {
    live.print("first\n");
    live.show("working");
    live.show("waiting");
    live.print("second\n");
    expect(terminal.lines).toEqual(["first", "second", "waiting"]);
    live.show("done");
    live.clear();
    live.print("last\n");
    expect(terminal.lines).toEqual(["first", "second", "last", ""]);
  });

  it("is never so long that it would wrap", () => {
    live.show("x".repeat(100));
    expect(terminal.lines).toEqual(["x".repeat(19)]);
  });
});
