import { startLine } from "./start-line.ts";

/** A line between programs that can be cut like a cable: nothing comes through any more, and nobody is told. */
export interface CuttableLine {
  url: string;
  cut: () => void;
  mend: () => void;
  close: () => Promise<void>;
}

export async function startCuttableLine(port: number): Promise<CuttableLine> {
  let isCut = false;
  const { url, drop, close } = await startLine({ port, host: "127.0.0.1" }, (from, to) => {
    from.on("data", (bytes) => {
      if (!isCut) to.write(bytes);
    });
    from.on("close", () => {
      if (!isCut) to.destroy();
    });
  });
  return {
    url,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      // What was open before the cut has lost bytes: it is of no use any more.
      drop();
      isCut = false;
    },
    close,
  };
}
