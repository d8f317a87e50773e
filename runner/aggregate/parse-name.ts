import { Invitation } from "@infernet/schemas/peer/invitation";
import { InvalidArgumentError } from "commander";

/** A name as invitations carry it. */
export function parseName(text: string): string {
  const parsed = Invitation.shape.name.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`a name ${parsed.error.issues[0]?.message}`);
}
