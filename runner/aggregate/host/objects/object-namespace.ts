import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { currentObject, nextEvent, passGate } from "../current-object.ts";
import { ObjectStorage } from "../storage/object-storage.ts";
import { readKept } from "../storage/read-kept.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { copyMessage } from "./copy-message.ts";
import { ObjectId } from "./object-id.ts";
import { type ObjectClass, ObjectInstance } from "./object-instance.ts";

const EXTENSION = ".sqlite";

export interface NamespaceOptions {
  /** Name of the class. */
  name: string;
  objectClass: ObjectClass;
  env: object;
  /** Holds a file for each object that has something to keep. */
  folder: string;
  logFailure: (error: unknown) => void;
}

/** A caller's end of an object: every method of the object's class, answered by a promise. */
export type ObjectStub = Record<string, (...args: unknown[]) => Promise<unknown>>;

interface Live {
  instance: ObjectInstance;
  storage: ObjectStorage;
}

/** `DurableObjectNamespace` of the Workers platform: the objects of one class, each in memory once while it is used. */
export class ObjectNamespace {
  readonly #options: NamespaceOptions;
  readonly #live = new Map<string, Live>();
  readonly #clock: AlarmClock;
  #isStopped = false;

  constructor(options: NamespaceOptions) {
    this.#options = options;
    this.#clock = new AlarmClock((name) => this.#find(name).ring(), options.logFailure);
    mkdirSync(options.folder, { recursive: true });
  }

  idFromName(name: string): ObjectId {
    return new ObjectId(this.#options.name, name);
  }

  get({ name }: { name: string }): ObjectStub {
    return this.getByName(name);
  }

  getByName(name: string): ObjectStub {
    const id = this.idFromName(name);
    return new Proxy<ObjectStub>(Object.create(null), {
      get: (_, member) => {
        if (member === "id") return id;
        if (member === "name") return name;
        // A stub is no promise, though anybody may await one.
        if (typeof member !== "string" || member === "then") return undefined;
        if (member === "fetch")
          return (input: string, init?: RequestInit) => this.#call(name, "fetch", [new Request(input, init)]);
        return (...args: unknown[]) => this.#call(name, member, args);
      },
    });
  }

  /** Sets the alarms that objects had when this process, or the one before, ended. Some at a time: others have their turn. */
  async wake(): Promise<void> {
    for (const file of readdirSync(this.#options.folder)) {
      if (!file.endsWith(EXTENSION)) continue;
      await nextEvent();
      if (this.#isStopped) return;
      const kept = readKept(join(this.#options.folder, file));
      // One that was called since may have set another; it need not have.
      if (kept !== null && kept.alarm_ms !== null && !this.#clock.has(kept.name))
        this.#clock.set(kept.name, kept.alarm_ms);
    }
  }

  /** Takes out of memory what nobody has used for a while. */
  dropIdle(): void {
    for (const [name, { instance }] of this.#live)
      if (instance.idle_ms >= LIMITS.aggregate_object_idle_ms) this.#drop(name, "the object was idle");
  }

  /** How many objects are in memory. */
  get size(): number {
    return this.#live.size;
  }

  stop(): void {
    this.#isStopped = true;
    this.#clock.stop();
    for (const name of [...this.#live.keys()]) this.#drop(name, "the aggregator has stopped");
  }

  async #call(name: string, method: string, args: unknown[]): Promise<unknown> {
    const sent = method === "fetch" ? args : args.map((arg) => copyMessage(arg));
    const caller = currentObject();
    caller?.enter();
    try {
      await passGate(caller);
      await nextEvent();
      return await this.#find(name).call(method, sent);
    } finally {
      if (caller !== null) await nextEvent();
      caller?.leave();
    }
  }

  #find(name: string): ObjectInstance {
    const known = this.#live.get(name);
    if (known) return known.instance;
    if (this.#isStopped) throw new Error("the aggregator has stopped");
    const { objectClass, env, folder, logFailure } = this.#options;
    const id = this.idFromName(name);
    const file = join(folder, `${id}${EXTENSION}`);
    const storage = new ObjectStorage(file, name, {
      alarmSet: (unix_ms) => this.#clock.set(name, unix_ms),
    });
    const instance = new ObjectInstance({
      id,
      storage,
      objectClass,
      env,
      logFailure,
      onBroken: (error) => {
        if (this.#live.get(name)?.instance !== instance) return;
        this.#drop(name, `the object was given up: ${String(error)}`);
        this.#clock.set(name, readKept(file)?.alarm_ms ?? null);
      },
    });
    this.#live.set(name, { instance, storage });
    return instance;
  }

  #drop(name: string, why: string): void {
    const live = this.#live.get(name);
    this.#live.delete(name);
    live?.storage.close(why);
  }
}
