/** An object that cannot become a program, and why. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}
