import { type RunningObject, runAs } from "../current-object.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import type { ObjectId } from "./object-id.ts";

/** `DurableObjectState` of the Workers platform, as far as the Worker uses it. */
export class ObjectState {
  readonly id: ObjectId;
  readonly storage: ObjectStorage;
  readonly #object: RunningObject;
  readonly #logFailure: (error: unknown) => void;
  #ready: Promise<void> | null = null;

  constructor(
    id: ObjectId,
    storage: ObjectStorage,
    object: RunningObject,
    logFailure: (error: unknown) => void,
  ) {
    this.id = id;
    this.storage = storage;
    this.#object = object;
    this.#logFailure = logFailure;
  }

  /** Keeps the object in memory until the work is over; its failure is logged. */
  waitUntil(work: Promise<unknown>): void {
    this.#object.enter();
    void work.catch(this.#logFailure).finally(() => this.#object.leave());
  }

  /** Holds back calls to the object until the work is done, one piece after the other. When it fails the object cannot be used. */
  blockConcurrencyWhile<T>(work: () => T | Promise<T>): Promise<T> {
    const before = this.#ready ?? Promise.resolve();
    const done = before.then(() => runAs(this.#object, work));
    const ready = done.then(() => {
      if (this.#ready === ready) this.#ready = null;
    });
    // The calls that wait for it are told.
    ready.catch(() => undefined);
    this.#ready = ready;
    return done;
  }

  /** Resolves when calls may come in, rejects when they never may; null when they may now. */
  get ready(): Promise<void> | null {
    return this.#ready;
  }
}
