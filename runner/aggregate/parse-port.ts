import { InvalidArgumentError } from "commander";

const PORT_MAX = 65_535;

export function parsePort(text: string): number {
  const port = Number(text);
  if (text !== "" && Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`It must be a port, 0 to ${PORT_MAX}.`);
}
