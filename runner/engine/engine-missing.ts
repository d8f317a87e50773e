/** Why an engine cannot be offered on this machine, and what its owner can do about it. */
export class EngineMissing extends Error {
  readonly fix: string;

  constructor(reason: string, fix: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "EngineMissing";
    this.fix = fix;
  }
}
