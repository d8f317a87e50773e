/** What a service runs, and what it may take. */
export interface ServicePlan {
  /** The command line: Node, the program, and its arguments. */
  command: readonly string[];
  /** Most memory that it may take with its engines, in bytes; null: 95 % of the machine's. */
  memory_bytes_max: number | null;
  /** Cores that it may use in all; null: every one. */
  cores_max: number | null;
  /** How long it may take to finish what it has when it is stopped, in seconds. */
  stop_seconds_max: number;
}

/** Whose service it is: of the user who installs it, or of the machine, run as `user`. */
export type ServiceScope = { kind: "user" } | { kind: "system"; user: string };
