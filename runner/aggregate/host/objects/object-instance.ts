import { nextEvent, passGate, type RunningObject, runAs } from "../current-object.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import { copyError, copyMessage } from "./copy-message.ts";
import { gateStream } from "./gated-stream.ts";
import type { ObjectId } from "./object-id.ts";
import { ObjectState } from "./object-state.ts";

/** A class of the Worker's that extends DurableObject. */
export type ObjectClass = new (state: ObjectState, env: object) => object;

export interface InstanceOptions {
  id: ObjectId;
  storage: ObjectStorage;
  objectClass: ObjectClass;
  env: object;
  logFailure: (error: unknown) => void;
  /** It can be used no more: what it wrote last may be lost, so its memory is not to be believed. */
  onBroken: (error: unknown) => void;
}

/** One object in memory. */
export class ObjectInstance implements RunningObject {
  readonly #storage: ObjectStorage;
  readonly #state: ObjectState;
  readonly #object: object;
  readonly #onBroken: (error: unknown) => void;
  #open = 0;
  #left_ms = performance.now();

  constructor({ id, storage, objectClass, env, logFailure, onBroken }: InstanceOptions) {
    this.#storage = storage;
    this.#onBroken = onBroken;
    this.#state = new ObjectState(id, storage, this, logFailure);
    this.#object = runAs(this, () => new objectClass(this.#state, env));
  }

  committed(): Promise<void> | null {
    return this.#storage.committed();
  }

  enter(): void {
    this.#open += 1;
  }

  leave(): void {
    this.#open -= 1;
    this.#left_ms = performance.now();
  }

  run<T>(work: () => T): T {
    return runAs(this, work);
  }

  /** For how long nothing of it has gone on, in ms. */
  get idle_ms(): number {
    return this.#open > 0 ? 0 : performance.now() - this.#left_ms;
  }

  /** Calls a method, and answers when everything that it wrote is on disk. */
  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    this.enter();
    try {
      await this.#start();
      const answer = copyMessage(await runAs(this, () => this.#invoke(method, args)), (passed) =>
        passed instanceof ReadableStream ? gateStream(passed, this) : passed,
      );
      await this.#settle();
      return answer;
    } catch (error) {
      await this.#settle();
      throw copyError(error);
    } finally {
      this.leave();
    }
  }

  /** Answers its alarm. The alarm is forgotten in the same transaction as what answering it wrote last. */
  async ring(): Promise<void> {
    this.enter();
    try {
      await this.#start();
      this.#storage.startRinging();
      await runAs(this, () => this.#invoke("alarm", []));
      this.#storage.stopRinging("answered");
      await this.#settle();
    } catch (error) {
      this.#storage.stopRinging("failed");
      throw error;
    } finally {
      this.leave();
    }
  }

  async #start(): Promise<void> {
    const { ready } = this.#state;
    if (ready === null) return;
    try {
      await ready;
    } catch (error) {
      this.#onBroken(error);
      throw error;
    }
    await nextEvent();
  }

  async #settle(): Promise<void> {
    try {
      await passGate(this);
    } catch (error) {
      this.#onBroken(error);
      throw error;
    }
  }

  #invoke(method: string, args: readonly unknown[]): unknown {
    const found: unknown = Reflect.get(this.#object, method);
    if (typeof found !== "function") throw new TypeError(`the object has no method ${method}`);
    return Reflect.apply(found, this.#object, args);
  }
}
