/**
 * What another peer did wrong, or failed to do. `gone`: it closed or lost the stream. `slow`: nothing came in time. `oversized`: more came
 * than is taken. `malformed`: it is not what the protocol has there. `wrong`: it is not what it was said to be, as a blob with
 * another sha256. `refused`: the peer says no.
 */
export type FaultKind = "gone" | "slow" | "oversized" | "malformed" | "wrong" | "refused";

export class PeerFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PeerFault";
    this.kind = kind;
  }

  /** Of what the library threw while waiting for a peer. */
  static from(error: unknown, isTimedOut: boolean): PeerFault {
    if (isTimedOut) return new PeerFault("slow", "the peer did not answer in time", { cause: error });
    const name = error instanceof Error ? error.name : "";
    if (name.startsWith("InvalidDataLength") || name === "InvalidMessageLengthError")
      return new PeerFault("oversized", "the peer sent a message that is too long", { cause: error });
    return new PeerFault(
      "gone",
      `the peer has gone: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}
