import { createHash } from "node:crypto";

/** `DurableObjectId` of the Workers platform, of an object that has a name: here all have. */
export class ObjectId {
  readonly name: string;
  readonly #text: string;

  constructor(namespace: string, name: string) {
    this.name = name;
    this.#text = createHash("sha256").update(`${namespace}\n${name}`).digest("hex");
  }

  /** 64 hexadecimal digits, for every name another one: the object's file is named by them. */
  toString(): string {
    return this.#text;
  }

  equals(other: { toString(): string }): boolean {
    return this.#text === other.toString();
  }
}
