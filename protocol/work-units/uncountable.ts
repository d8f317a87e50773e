/** Why the operations of a model cannot be told; the message completes "the model ...". */
export class Uncountable extends Error {
  override name = "Uncountable";
}
