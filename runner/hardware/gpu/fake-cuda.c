// What the tests have for a driver: one RTX 4090, or a broken driver where LANG, which a child is given, says so.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is(const char *what) {
  const char *said = getenv("LANG");
  return said && strcmp(said, what) == 0;
}

int cuInit(unsigned flags) {
  if (is("hang")) sleep(60);
  if (is("crash")) abort();
  return is("no-device") ? 100 : 0;
}
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int bytes, int device) { strncpy(name, "NVIDIA GeForce RTX 4090", bytes); return 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 24ul << 30; return 0; }
int cuDeviceGetUuid(unsigned char *uuid, int device) { memset(uuid, 0xab, 16); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  switch (attribute) {
    case 16: *value = 128; break;
    case 36: *value = 10501000; break;
    case 37: *value = 384; break;
    case 75: *value = 8; break;
    case 76: *value = 9; break;
    default: *value = 0;
  }
  return 0;
}
