import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export const logPath = (home: string): string => join(resolve(home), "logs", "runner.jsonl");

/** The file before the newest has the number 1. */
export const oldLogPath = (path: string, age: number): string => (age === 0 ? path : `${path}.${age}`);

export interface LogFileOptions {
  path: string;
  /** Size at which a new file is begun. */
  file_bytes: number;
  /** Files that are kept, the one being written included. */
  files: number;
  /** Told once when nothing can be written any more; the work goes on without. */
  onFailure(detail: string): void;
}

export interface LogFile {
  /** A whole line, with its end. */
  write(line: string): void;
  close(): void;
}

/**
 * A log that takes no more room than it is given: when a file is full its name gets a number, the numbers of those before go
 * up by one, and the oldest goes. A line is never split between two files, and is there when `write` returns.
 */
export function openLogFile({ path, file_bytes, files, onFailure }: LogFileOptions): LogFile {
  let fd: number | null = null;
  let bytes = 0;

  function open(): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    fd = openSync(path, "a", 0o600);
    bytes = fstatSync(fd).size;
  }

  function close(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }

  function turnOver(): void {
    close();
    rmSync(oldLogPath(path, files - 1), { force: true });
    for (let age = files - 2; age >= 0; age--) {
      rename(oldLogPath(path, age), oldLogPath(path, age + 1));
    }
    open();
  }

  function attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      close();
      onFailure(`no more log is kept in ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  attempt(open);
  return {
    write: (line) => {
      if (fd === null) return;
      attempt(() => {
        const data = Buffer.from(line);
        if (bytes > 0 && bytes + data.length > file_bytes) turnOver();
        if (fd !== null) bytes += writeSync(fd, data);
      });
    },
    close,
  };
}

/** One that is not there need not be moved. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
