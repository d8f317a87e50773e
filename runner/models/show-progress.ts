import { renderBytes } from "../hardware/render-bytes.ts";

export interface Progress {
  show(here_bytes: number, all_bytes: number): void;
  /** Frees the line. */
  end(): void;
}

const PAUSE_MS = 100;

/** How far something has come: one line that is drawn anew on a terminal, and nothing where there is none. */
export function showProgress(
  what: string,
  stream: Pick<NodeJS.WriteStream, "write" | "isTTY">,
  now_ms: () => number = () => performance.now(),
): Progress {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  let drawn_ms = Number.NEGATIVE_INFINITY;
  return {
    show: (here_bytes, all_bytes) => {
      if (now_ms() - drawn_ms < PAUSE_MS && here_bytes < all_bytes) return;
      drawn_ms = now_ms();
      const share = all_bytes === 0 ? 100 : Math.min(100, Math.floor((100 * here_bytes) / all_bytes));
      stream.write(`\r\u001b[K${what}  ${share} %  ${renderBytes(here_bytes)} of ${renderBytes(all_bytes)}`);
    },
    end: () => void stream.write("\r\u001b[K"),
  };
}
