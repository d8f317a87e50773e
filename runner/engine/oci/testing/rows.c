/* The program of the test images: y = 2 * x over rows of two FP32 numbers, or a way to misbehave, by its first argument. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char header[65536];
static float rows[1 << 22];
static char answer[1 << 25];
static size_t answered;

static void put(const void *bytes, size_t count) {
  memcpy(answer + answered, bytes, count);
  answered += count;
}

static void putf(const char *format, ...) {
  va_list values;
  va_start(values, format);
  answered += vsprintf(answer + answered, format, values);
  va_end(values);
}

static void fail(const char *what, int failed) {
  putf("{\"infernet\":1,\"error\":\"%s: %s\"}\n", what, failed ? strerror(errno) : "done");
}

static void fork_bomb(void) {
  int made = 0;
  while (made < 100000) {
    int child = fork();
    if (child < 0) break;
    if (child == 0) for (;;) pause();
    made++;
  }
  putf("{\"infernet\":1,\"error\":\"fork: %s after %s\"}\n", strerror(errno), made < 5000 ? "few" : "many");
}

static void hog(void) {
  for (;;) {
    char *block = malloc(16 << 20);
    if (block == NULL) { fail("malloc", 1); return; }
    memset(block, 1, 16 << 20);
  }
}

static void dial(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
  inet_pton(AF_INET, "1.1.1.1", &address.sin_addr);
  int wire = socket(AF_INET, SOCK_STREAM, 0);
  fail("connect", connect(wire, (void *)&address, sizeof address));
}

static void write_files(void) {
  const char *places[] = {"/x", "/etc/x", "/proc/sys/kernel/hostname", "/sys/x", "/model/weights", "/.infernet/node"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (open(places[i], O_CREAT | O_WRONLY, 0644) >= 0) { fail(places[i], 0); return; }
  putf("{\"infernet\":1,\"error\":\"write: refused everywhere\"}\n");
}

static void read_host(void) {
  const char *secrets[] = {"/etc/shadow", "/root/.ssh", "/proc/1/root/etc/shadow", "/dev/vda", "/dev/mem", "/home"};
  for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
    if (open(secrets[i], O_RDONLY) >= 0) { fail(secrets[i], 0); return; }
  putf("{\"infernet\":1,\"error\":\"read: nothing of the host\"}\n");
}

static void read_weights(void) {
  char weights[64] = "";
  int file = open("/model/deep/weights.bin", O_RDONLY);
  ssize_t count = file < 0 ? -1 : read(file, weights, sizeof weights - 1);
  if (count < 0) fail("weights", 1);
  else putf("{\"infernet\":1,\"error\":\"weights: %s\"}\n", weights);
}

static void kill_others(void) {
  kill(getppid(), SIGKILL);
  kill(1, SIGKILL);
  kill(-1, SIGKILL);
  putf("{\"infernet\":1,\"error\":\"kill: still here as %d of user %d\"}\n", getpid(), getuid());
}

static void misbehave(const char *how) {
  if (!strcmp(how, "garbage")) putf("Loading checkpoint shards: 100%%\n");
  else if (!strcmp(how, "announce")) putf("{\"infernet\":1,\"tensors\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],\"bytes\":33554433}]}\n");
  else if (!strcmp(how, "crash")) { fprintf(stderr, "no kernel image\nis available\n"); exit(3); }
  else if (!strcmp(how, "fork")) fork_bomb();
  else if (!strcmp(how, "hog")) hog();
  else if (!strcmp(how, "dial")) dial();
  else if (!strcmp(how, "write")) write_files();
  else if (!strcmp(how, "read")) read_host();
  else if (!strcmp(how, "kill")) kill_others();
  else if (!strcmp(how, "weights")) read_weights();
  else if (!strcmp(how, "spin")) for (;;) ;
  else if (!strcmp(how, "slow")) for (;;) pause();
  else if (!strcmp(how, "flood")) for (memset(answer, 'x', 65536);;) if (write(1, answer, 65536) < 0) exit(1);
}

static size_t announced(void) {
  size_t sum = 0;
  for (char *at = header; (at = strstr(at, "\"bytes\":")); at += 8) sum += strtoul(at + 8, NULL, 10);
  return sum;
}

/* Puts together what there is to say to the header and rows in hand. */
static void respond(const char *how, size_t bytes) {
  answered = 0;
  if (strstr(header, "\"inputs\"")) {
    if (strstr(header, "{\"name\":\"x\"")) putf("{\"infernet\":1,\"ready\":true}\n");
    else putf("{\"infernet\":1,\"error\":\"this image takes x\"}\n");
    return;
  }
  misbehave(how);
  if (answered > 0) return;
  for (size_t i = 0; i < bytes / 4; i++) rows[i] *= 2;
  putf("{\"infernet\":1,\"tensors\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[%zu,2],\"bytes\":%zu}]}\n", bytes / 8, bytes);
  put(rows, bytes);
}

static void serve_http(const char *how) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 8)) exit(4);
  for (;;) {
    FILE *wire = fdopen(accept(listener, NULL, NULL), "r+");
    char line[4096];
    size_t length = 0;
    while (fgets(line, sizeof line, wire) && strcmp(line, "\r\n"))
      if (!strncasecmp(line, "content-length:", 15)) length = strtoul(line + 15, NULL, 10);
    if (!fgets(header, sizeof header, wire)) exit(5);
    if (fread(rows, 1, length - strlen(header), wire) != length - strlen(header)) exit(6);
    respond(how, length - strlen(header));
    fseek(wire, 0, SEEK_CUR);
    fprintf(wire, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", strcmp(how, "status") ? "200 OK" : "503 Busy", answered);
    fwrite(answer, 1, answered, wire);
    fclose(wire);
  }
}

int main(int count, char **values) {
  const char *how = count > 1 ? values[1] : "double";
  if (count > 2) serve_http(how);
  while (fgets(header, sizeof header, stdin)) {
    size_t bytes = announced();
    if (fread(rows, 1, bytes, stdin) != bytes) return 1;
    respond(how, bytes);
    fwrite(answer, 1, answered, stdout);
    fflush(stdout);
  }
  return 0;
}
