/** Why work on a lease stops before it is done. */
export class LeaseEnded extends Error {
  readonly how: "lost" | "handed_back" | "killed";

  constructor(how: LeaseEnded["how"]) {
    super(`the lease was ${how.replace("_", " ")}`);
    this.name = "LeaseEnded";
    this.how = how;
  }
}
