/* The escrow program: README.md in the folder above says what it promises. */
#include "release.h"

u64 entrypoint(u8 *serialised) {
  if (parse_input(serialised) != 0) return E_ACCOUNTS;
  NEED(input->data_len > 0, E_DATA);
  switch (input->data[0]) {
    case 0: return open();
    case 1: return top_up();
    case 2: return release();
    case 3: return refund();
    case 4: return bond_deposit();
    case 5: return bond_exit_request();
    case 6: return bond_exit();
    case 7: return slash();
    default: return E_DATA;
  }
}
