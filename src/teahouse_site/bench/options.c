/* Reads the command line of the load, and makes sure that this process may have so many lines. */
#define _GNU_SOURCE
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "line.h"

struct options options = {
    .template = "%s", .arriving = 40, .seconds = 3, .limit_seconds = 20, .arrival_seconds = 60};

static void need_descriptors(int count) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < (rlim_t)count) {
    fprintf(stderr, "too few file descriptors: %d members need %d, and the limit is %ld (ulimit -Hn)\n", count - 16, count,
            (long)limit.rlim_max);
    exit(5);
  }
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* A file with one header line for each member. */
static char **header_lines(const char *path, int count) {
  FILE *file = fopen(path, "r");
  char **lines = calloc(count, sizeof *lines);
  size_t size = 0;
  for (int i = 0; i < count; i++) {
    ssize_t length = file ? getline(&lines[i], &size, file) : -1;
    if (length < 0) {
      fprintf(stderr, "%s has no line for member %d\n", path, i);
      exit(2);
    }
    lines[i][strcspn(lines[i], "\n")] = 0;
    size = 0;
  }
  return lines;
}

int read_options(int argc, char **argv) {
  int count = 100;
  const char *headers_file = NULL;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i] + 2, *value = argv[i + 1];
    if (!strcmp(name, "host")) address.host = value;
    else if (!strcmp(name, "port")) address.port = value;
    else if (!strcmp(name, "authority")) address.authority = value;
    else if (!strcmp(name, "path")) address.path = value;
    else if (!strcmp(name, "protocol")) address.protocol = value;
    else if (!strcmp(name, "refusal")) address.refusal = value;
    else if (!strcmp(name, "header") && address.header_count < MAX_HEADERS) address.headers[address.header_count++] = value;
    else if (!strcmp(name, "headers-file")) headers_file = value;
    else if (!strcmp(name, "first-member")) address.first_member = atoi(value);
    else if (!strcmp(name, "wait") && address.steps < MAX_STEPS) address.waits[address.steps] = value;
    else if (!strcmp(name, "send") && address.steps < MAX_STEPS) address.sends[address.steps++] = value;
    else if (!strcmp(name, "template")) options.template = value;
    else if (!strcmp(name, "keepalive")) options.keepalive = value;
    else if (!strcmp(name, "members")) count = atoi(value);
    else if (!strcmp(name, "arriving")) options.arriving = atoi(value);
    else if (!strcmp(name, "window") && options.window_count < MOST_WINDOWS) options.windows[options.window_count++] = atoi(value);
    else if (!strcmp(name, "seconds")) options.seconds = atof(value);
    else if (!strcmp(name, "limit-seconds")) options.limit_seconds = atof(value);
    else if (!strcmp(name, "arrival-seconds")) options.arrival_seconds = atof(value);
    else if (!strcmp(name, "server-pid")) options.server_pid = atoi(value);
    else if (!strcmp(name, "hold")) options.hold = atoi(value);
    else {
      fprintf(stderr, "unknown option, or too many of it: --%s\n", name);
      exit(2);
    }
  }
  need_descriptors(count + 16);
  if (headers_file) address.own_headers = header_lines(headers_file, count);
  return count;
}
