import { Fd, File, OpenFile, wasi } from "@bjorn3/browser_wasi_shim";
import type { Bytes } from "@infernet/schemas/digest";
import { EngineFailure } from "../../engine-failure.ts";

/** Standard input that is these bytes. */
export function openInput(bytes: Bytes): Fd {
  const file = new File([], { readonly: true });
  file.data = bytes;
  // Numbers of files are handed out in turn: this one would tell how many calls there were before.
  file.ino = 0n;
  return new OpenFile(file);
}

/** What a command writes, up to a limit; beyond it `overflow` says what happens. */
export class OutputStream extends Fd {
  readonly #parts: Uint8Array[] = [];
  readonly #bytes_max: number;
  readonly #isCutOff: boolean;
  #bytes = 0;

  /** @param isCutOff whether what is beyond the limit is dropped, instead of ending the call */
  constructor(bytes_max: number, isCutOff: boolean) {
    super();
    this.#bytes_max = bytes_max;
    this.#isCutOff = isCutOff;
  }

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    const room = this.#bytes_max - this.#bytes;
    if (data.byteLength > room && !this.#isCutOff)
      throw new EngineFailure("output_mismatch", `standard output has more than ${this.#bytes_max} bytes`);
    const kept = data.subarray(0, room);
    this.#parts.push(kept);
    this.#bytes += kept.byteLength;
    return { ret: wasi.ERRNO_SUCCESS, nwritten: data.byteLength };
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasi.Fdstat } {
    const fdstat = new wasi.Fdstat(wasi.FILETYPE_CHARACTER_DEVICE, 0);
    fdstat.fs_rights_base = BigInt(wasi.RIGHTS_FD_WRITE);
    return { ret: wasi.ERRNO_SUCCESS, fdstat };
  }

  override fd_filestat_get(): { ret: number; filestat: wasi.Filestat } {
    const filestat = new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n);
    return { ret: wasi.ERRNO_SUCCESS, filestat };
  }

  written(): Bytes {
    const bytes = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const part of this.#parts) {
      bytes.set(part, offset);
      offset += part.byteLength;
    }
    return bytes;
  }
}
