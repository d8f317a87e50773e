/** What a live line needs of a terminal. */
export interface Screen {
  readonly columns?: number;
  write(text: string): unknown;
}

/** Lines that stay, and one under them that changes. */
export interface LiveLine {
  print(line: string): void;
  show(line: string): void;
  /** Leaves what was printed, and takes the line away. */
  clear(): void;
}

/** Back to the start of the line, and erase to its end (ECMA-48: CR, EL). */
const ERASE = "\r\u001b[K";

export function createLiveLine(screen: Screen): LiveLine {
  let shown = "";
  const draw = (line: string): void => {
    // Never as wide as the terminal: a full line would wrap, and could not be taken back.
    shown = line.slice(0, Math.max(0, (screen.columns ?? 80) - 1));
    screen.write(`${ERASE}${shown}`);
  };
  return {
    print: (line) => {
      screen.write(shown === "" ? line : `${ERASE}${line}${shown}`);
    },
    show: (line) => {
      if (line !== shown) draw(line);
    },
    clear: () => {
      if (shown !== "") draw("");
    },
  };
}
