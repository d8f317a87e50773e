import {
  type Address,
  generateKeyPairSigner,
  getProgramDerivedAddress,
  type Instruction,
  type KeyPairSigner,
} from "@solana/kit";
import { PROGRAMS } from "../layout.ts";
import { keyOf } from "./evidence.ts";
import { createAccount, plain, signing } from "./system.ts";

/** The upgradeable loader, its instructions by number, and the bytes that it keeps before a program's own. */
const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;
const INITIALIZE_BUFFER = 0;
const WRITE = 1;
const DEPLOY = 2;
const UPGRADE = 3;
const SET_AUTHORITY = 4;
const BUFFER_HEAD_BYTES = 37;
const PROGRAM_BYTES = 36n;

/** As much of a program as fits one transaction beside its signatures. */
const CHUNK_BYTES = 900;

const RENT = "SysvarRent111111111111111111111111111111111" as Address;
const CLOCK = "SysvarC1ock11111111111111111111111111111111" as Address;

/** Whoever pays, is the upgrade authority until there is none, and can send transactions. */
export interface Deployer {
  payer: KeyPairSigner;
  send(instructions: readonly Instruction[]): Promise<unknown>;
  /** Lamports that keep an account of this size. */
  rentOf(bytes: bigint): bigint;
}

export interface Deployed {
  program: Address;
  program_data: Address;
}

/** Deploys a program by ordinary transactions, as on any cluster. It can be called from the next slot on. */
export async function deployProgram(
  deployer: Deployer,
  code: Uint8Array,
  program?: KeyPairSigner,
): Promise<Deployed> {
  const { payer } = deployer;
  const account = program ?? (await generateKeyPairSigner());
  const buffer = await writeBuffer(deployer, code);
  const seeds = [keyOf(account.address)];
  const [program_data] = await getProgramDerivedAddress({ programAddress: LOADER, seeds });
  const lamports = deployer.rentOf(PROGRAM_BYTES);
  await deployer.send([
    createAccount({ payer, account, lamports, space: PROGRAM_BYTES, owner: LOADER }),
    {
      programAddress: LOADER,
      accounts: [
        signing(payer, true),
        plain(program_data, true),
        plain(account.address, true),
        plain(buffer, true),
        plain(RENT, false),
        plain(CLOCK, false),
        plain(PROGRAMS.system as Address, false),
        signing(payer, false),
      ],
      data: Uint8Array.from([...word(DEPLOY, 4), ...word(code.length, 8)]),
    },
  ]);
  return { program: account.address, program_data };
}

/** Puts a program's bytes into a buffer account, from which it is deployed or upgraded. */
export async function writeBuffer(deployer: Deployer, code: Uint8Array): Promise<Address> {
  const { payer } = deployer;
  const account = await generateKeyPairSigner();
  const buffer = account.address;
  const space = BigInt(BUFFER_HEAD_BYTES + code.length);
  await deployer.send([
    createAccount({ payer, account, lamports: deployer.rentOf(space), space, owner: LOADER }),
    {
      programAddress: LOADER,
      accounts: [plain(buffer, true), plain(payer.address, false)],
      data: Uint8Array.from(word(INITIALIZE_BUFFER, 4)),
    },
  ]);
  for (let offset = 0; offset < code.length; offset += CHUNK_BYTES) {
    const chunk = code.subarray(offset, offset + CHUNK_BYTES);
    const head = [...word(WRITE, 4), ...word(offset, 4), ...word(chunk.length, 8)];
    const accounts = [plain(buffer, true), signing(payer, false)];
    await deployer.send([{ programAddress: LOADER, accounts, data: Uint8Array.from([...head, ...chunk]) }]);
  }
  return buffer;
}

/** Takes the upgrade authority away for good: from then on nobody can change the program. */
export const removeAuthority = (authority: KeyPairSigner, { program_data }: Deployed): Instruction => ({
  programAddress: LOADER,
  accounts: [plain(program_data, true), signing(authority, false)],
  data: Uint8Array.from(word(SET_AUTHORITY, 4)),
});

export const upgradeProgram = (
  authority: KeyPairSigner,
  { program, program_data }: Deployed,
  buffer: Address,
): Instruction => ({
  programAddress: LOADER,
  accounts: [
    plain(program_data, true),
    plain(program, true),
    plain(buffer, true),
    plain(authority.address, true),
    plain(RENT, false),
    plain(CLOCK, false),
    signing(authority, false),
  ],
  data: Uint8Array.from(word(UPGRADE, 4)),
});

/** Little-endian. */
const word = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i < 4 ? (value >>> (8 * i)) & 0xff : 0));
