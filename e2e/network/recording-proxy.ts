import { startLine } from "./start-line.ts";

/** A line between programs that keeps all that goes over it. */
export interface RecordingProxy {
  url: string;
  /** Every byte of both directions, one connection after the other. */
  recorded: () => Buffer;
  close: () => Promise<void>;
}

/** Listens on this machine and passes everything on to the port at the other end. */
export async function startRecordingProxy(port: number): Promise<RecordingProxy> {
  const recordings: Buffer[][] = [];
  const { url, close } = await startLine({ port, host: "127.0.0.1" }, (from, to) => {
    const recording: Buffer[] = [];
    recordings.push(recording);
    from.on("data", (bytes) => recording.push(bytes));
    from.pipe(to);
  });
  return { url, recorded: () => Buffer.concat(recordings.flat()), close };
}
