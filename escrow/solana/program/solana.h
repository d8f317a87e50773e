/* What the Solana runtime gives a program: types, system calls and the serialised input. No libc and no globals. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

typedef struct {
  u8 bytes[32];
} Key;

/* One account of a call to another program. */
typedef struct {
  const Key *key;
  u8 writable;
  u8 signer;
} Meta;

typedef struct {
  const Key *program;
  const Meta *metas;
  u64 metas_len;
  const u8 *data;
  u64 data_len;
} Instruction;

/* The runtime updates all of it after a call to another program, `len` included. */
typedef struct {
  const Key *key;
  u64 *lamports;
  u64 len;
  u8 *data;
  Key *owner;
  u64 rent_epoch;
  u8 signer;
  u8 writable;
  u8 executable;
} Account;

/* Bytes as seeds of an address and as parts of what is hashed. */
typedef struct {
  const void *at;
  u64 len;
} Slice;

typedef struct {
  const Slice *slices;
  u64 len;
} Seeds;

typedef struct {
  u64 slot;
  i64 epoch_start;
  u64 epoch;
  u64 leader_epoch;
  i64 unix_time;
} Clock;

typedef struct {
  u64 lamports_per_byte;
  u64 threshold; /* the bits of an f64 */
  u8 burn_percent;
} Rent;

_Static_assert(sizeof(Meta) == 16 && sizeof(Instruction) == 40 && sizeof(Account) == 56, "layout of a call");
_Static_assert(sizeof(Clock) == 40 && sizeof(Rent) == 24, "layout of the sysvars");

extern u64 sol_create_program_address(const Slice *seeds, u64 len, const Key *program, Key *address);
extern u64 sol_try_find_program_address(const Slice *seeds, u64 len, const Key *program, Key *address, u8 *bump);
extern u64 sol_get_clock_sysvar(Clock *);
extern u64 sol_get_rent_sysvar(Rent *);
extern u64 sol_sha256(const Slice *parts, u64 len, Key *hash);
extern u64 sol_invoke_signed_c(const Instruction *, const Account *, u64 accounts, const Seeds *, u64 signers);

/* A function of its own keeps its frame within the 4 KiB that the machine gives it. */
#define FUNCTION static __attribute__((noinline))
#define INLINE static inline __attribute__((always_inline))

/* The machine allows unaligned access. `volatile` keeps the compiler from splitting a load into bytes. */
INLINE u16 read_u16(const u8 *at) { return *(const volatile u16 *)at; }
INLINE u32 read_u32(const u8 *at) { return *(const volatile u32 *)at; }
INLINE u64 read_u64(const u8 *at) { return *(const volatile u64 *)at; }
INLINE void write_u32(u8 *at, u32 value) { *(volatile u32 *)at = value; }
INLINE void write_u64(u8 *at, u64 value) { *(volatile u64 *)at = value; }

INLINE int is_equal(const void *a, const void *b, u64 words) {
  u64 difference = 0;
  for (u64 i = 0; i < words; i++) difference |= read_u64((const u8 *)a + 8 * i) ^ read_u64((const u8 *)b + 8 * i);
  return difference == 0;
}

FUNCTION int is_same(const Key *a, const Key *b) { return is_equal(a, b, 4); }

FUNCTION void copy_key(void *to, const void *from) {
  for (u64 i = 0; i < 32; i += 8) write_u64((u8 *)to + i, read_u64((const u8 *)from + i));
}

/* Seven accounts of a release, and two for each of twelve payees. */
#define ACCOUNTS_MAX 31

typedef struct {
  u64 len;
  Account accounts[ACCOUNTS_MAX];
  const u8 *data;
  u64 data_len;
  const Key *program;
} Input;

/* Calls pass at most five arguments, so the parsed input has a fixed place: the start of the heap, which is zeroed. */
#define input ((Input *)0x300000000ULL)

/* Room that the runtime leaves behind an account's data for it to grow. */
#define GROWTH 10240

/*
 * The serialised input: u64 accounts, then for each either a byte that says which earlier one it repeats and seven of
 * padding, or 0xff, signer, writable, executable, u32, key, owner, u64 lamports, u64 len, data, room to grow, padding to
 * 8, u64 rent_epoch. Then u64 len, data, and the program's own key. Returns 0, or 1 for too many accounts.
 */
FUNCTION u64 parse_input(u8 *at) {
  u64 len = read_u64(at);
  if (len > ACCOUNTS_MAX) return 1;
  input->len = len;
  at += 8;
  for (u64 i = 0; i < len; i++) {
    Account *account = &input->accounts[i];
    if (*at != 0xff) {
      const Account *first = &input->accounts[*at];
      account->key = first->key;
      account->lamports = first->lamports;
      account->len = first->len;
      account->data = first->data;
      account->owner = first->owner;
      account->rent_epoch = first->rent_epoch;
      account->signer = first->signer;
      account->writable = first->writable;
      account->executable = first->executable;
      at += 8;
      continue;
    }
    account->signer = at[1];
    account->writable = at[2];
    account->executable = at[3];
    account->key = (const Key *)(at + 8);
    account->owner = (Key *)(at + 40);
    account->lamports = (u64 *)(at + 72);
    account->len = read_u64(at + 80);
    account->data = at + 88;
    at = (u8 *)(((u64)at + 88 + account->len + GROWTH + 7) & ~7ULL);
    account->rent_epoch = read_u64(at);
    at += 8;
  }
  input->data_len = read_u64(at);
  input->data = at + 8;
  input->program = (const Key *)(at + 8 + input->data_len);
  return 0;
}
