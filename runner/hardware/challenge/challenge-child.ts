import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { answerChain } from "@infernet/protocol/challenge/answer-chain";
import type { Stretch } from "@infernet/protocol/challenge/stretch";
import { Challenge } from "@infernet/schemas/challenge";

const derive = promisify(pbkdf2);
const stretch: Stretch = (password, salt, iterations) => derive(password, salt, iterations, 32, "sha256");

// Each iteration runs on a thread of libuv's pool, which whoever starts this process makes as large as there are chains.
process.once("message", async (message) => {
  const challenge = Challenge.parse(message);
  const numbers = Array.from({ length: challenge.chains }, (_, chain) => chain);
  const chains = await Promise.all(numbers.map((chain) => answerChain(challenge, chain, stretch)));
  process.send?.({ seed: challenge.seed, chains }, () => process.exit());
});
process.once("disconnect", () => process.exit());
