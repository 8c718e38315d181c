/* The load of the bench: many members of one room from one core, and what became of each message.
 *
 * Keeps so many numbered messages under way, watches what comes back for their marks, and reconciles at the end of each
 * window what each member received with what was sent. Servers send unmasked and uncompressed, so a mark
 * ("~m00000042~") stands in the stream as it was written, whatever the protocol around it.
 *
 * While it measures it polls: to wake a sleeping core costs 10 to 15 us a write on a virtual machine, and the server
 * would pay for it. So its processor time says nothing, and `busy` does: the share of time in which it had work.
 *
 * Prints a JSON object a line: how the members came, then one for each window. Its options
 * are written by teahouse_site/bench/load.py.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "line.h"
#include "options.h"

#define TEXT 64
#define MARK 11 /* ~m + 8 digits + ~ */
#define MOST_MESSAGES 4000000
#define QUIET_SECONDS 5      /* nothing arrived for so long, and the server rests: what is missing is lost */
#define WORKING_SHARE 0.25   /* of one core, above which a server does not rest */
#define KEEPALIVE_SECONDS 20 /* a member that says nothing for so long says that it is there */

static uint8_t **seen; /* seen[message][member] */
static int *missing;   /* by message: members that may still get it */
static double *sent_at, *took;
static long sent, from, given_up; /* messages so far; the first of this window; nobody waits for those below */
static long under_way, deliveries, twice, late, complete;
static long refused;
static char first_refusal[40];
static double last_arrival;

static void begin_message(long number) {
  seen[number] = calloc(member_count, 1);
  missing[number] = opened;
  sent_at[number] = now();
  under_way++;
}

static void one_less(long number) {
  if (--missing[number] == 0 && number >= given_up) under_way--;
}

static void mark(int member, long number, double at) {
  if (number >= MOST_MESSAGES || (number >= sent && !options.hold)) return;
  for (; sent <= number; sent++) begin_message(sent); /* only when another process sends */
  last_arrival = at;
  if (!seen[number] || seen[number][member]) { /* those of a window that all arrived are forgotten */
    twice++;
    return;
  }
  seen[number][member] = 1;
  if (number < from) late++;
  else deliveries++;
  one_less(number);
  if (missing[number] == 0 && number >= from) {
    took[number] = at - sent_at[number];
    complete++;
  }
}

#define CODE "abcdefghijklmnopqrstuvwxyz_"

/* A message that the server does not take: nobody will get it, and why says the first of them. */
static void look_for_refusal(const char *bytes, size_t size) {
  if (!address.refusal || !memmem(bytes, size, address.refusal, strlen(address.refusal))) return;
  const char *code = memmem(bytes, size, "\"code\":\"", 8);
  size_t left = code ? (size_t)(bytes + size - (code += 8)) : 0, length = 0;
  while (length < left && length + 1 < sizeof first_refusal && strchr(CODE, code[length]))
    length++;
  if (!refused++ && length) memcpy(first_refusal, code, length);
}

int heard(struct member *m, const char *bytes, size_t size, double at) {
  const char *p = bytes, *end = bytes + size;
  int marks = 0;
  while ((p = memchr(p, '~', end - p))) {
    if (end - p < MARK) return end - p > 1 && p[1] != 'm' ? 0 : (int)(end - p);
    if (p[1] == 'm' && p[MARK - 1] == '~') {
      long number = 0;
      marks++;
      for (int i = 2; i < 10; i++) number = number * 10 + (p[i] - '0');
      mark((int)(m - members), number, at);
      p += TEXT < end - p ? TEXT : MARK;
    } else {
      p++;
    }
  }
  if (!marks) look_for_refusal(bytes, size);
  return 0;
}

/* Nobody waits any longer for what a closed member has not got. */
void line_closed(struct member *m) {
  for (long i = given_up; i < sent; i++)
    if (seen[i] && !seen[i][m - members] && missing[i] > 0) one_less(i);
}

static void send_message(void) {
  char text[TEXT + 1], out[2048];
  long number = sent++;
  size_t size = 0;
  snprintf(text, sizeof text, "~m%08ld~%053d", number, 0);
  for (const char *p = options.template; *p && size < sizeof out - TEXT; p++) {
    if (p[0] == '%' && p[1] == 's') {
      memcpy(out + size, text, TEXT);
      size += TEXT;
      p++;
    } else if (p[0] == '%' && p[1] == 'n') {
      size += sprintf(out + size, "%ld", number + 10);
      p++;
    } else {
      out[size++] = *p;
    }
  }
  struct member *m = &members[number % member_count];
  for (int i = 1; m->state != OPEN && i < member_count; i++) m = &members[(number + i) % member_count];
  begin_message(number);
  say(m, out, size);
}

static void keep_alive(double at) {
  static double looked;
  if (!options.keepalive || at - looked < 1) return;
  looked = at;
  for (struct member *m = members; m < members + member_count; m++)
    if (m->state == OPEN && at - m->last_said > KEEPALIVE_SECONDS) say(m, options.keepalive, strlen(options.keepalive));
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void print_quantiles(void) {
  long count = sent - from;
  double *done = calloc(count + 1, sizeof *done);
  for (long i = 0; i < count; i++) done[i] = took[from + i] ? took[from + i] * 1000 : 1e300;
  qsort(done, count, sizeof *done, compare);
  for (int i = 0; i < 2; i++) {
    double value = count ? done[i ? count * 99 / 100 : count / 2] : 1e300;
    /* What did not reach everybody took longer than anything that did. */
    if (value < 1e300) printf(", \"%s\": %.4f", i ? "p99_ms" : "p50_ms", value);
    else printf(", \"%s\": null", i ? "p99_ms" : "p50_ms");
  }
  free(done);
}

/* Whether a server of this machine has been busy since it was last asked: what is still made there is not lost. */
static int server_works(double at) {
  static double asked, used;
  char path[64], line[1024] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", options.server_pid);
  FILE *file = options.server_pid ? fopen(path, "r") : NULL;
  if (!file) return 0;
  char *fields = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
  fclose(file);
  long user = 0, system = 0;
  if (!fields || sscanf(fields + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) != 2) return 0;
  double now_used = (double)(user + system) / sysconf(_SC_CLK_TCK);
  int works = asked && now_used - used > WORKING_SHARE * (at - asked);
  asked = at;
  used = now_used;
  return works;
}

/* Sends for a while with so many under way, then waits for what is; returns whether all arrived. */
static int measure(int window) {
  double start = now(), deadline = start + options.limit_seconds, until = start + options.seconds, idle = 0, t = start, heard_something = start;
  from = given_up = sent;
  under_way = deliveries = twice = late = complete = 0;
  last_arrival = start;
  server_works(start);
  for (;;) {
    int sending = t < until && sent < MOST_MESSAGES && opened;
    if (t - heard_something > QUIET_SECONDS && !server_works(t)) {
      if (!sending) break;
      given_up = sent; /* go on without them */
      under_way = 0;
    }
    if (t - heard_something > QUIET_SECONDS) heard_something = t;
    while (sending && under_way < window) send_message();
    if ((!sending && complete == sent - from) || t > deadline) break;
    double before = now();
    int found = turn(0);
    if (!found) sched_yield(); /* a second load process may share the core */
    t = now();
    if (!found) idle += t - before;
    if (last_arrival > heard_something) heard_something = last_arrival;
    keep_alive(t);
  }
  int at_limit = t > deadline && complete < sent - from;
  double took_seconds = at_limit || last_arrival <= start ? t - start : last_arrival - start;
  long missed = 0;
  for (long i = from; i < sent; i++)
    for (int m = 0; m < member_count; m++) missed += !seen[i][m];
  /* What the end of the time cut off may have been on its way; what did not come in the silence before is lost. */
  printf("{\"window\": %d, \"messages\": %ld, \"complete\": %ld, \"deliveries\": %ld, \"lost\": %ld, \"cut_off\": %ld, "
         "\"twice\": %ld, \"late\": %ld, \"closed\": %d, \"seconds\": %.3f, \"deliveries_per_second\": %.1f, "
         "\"busy\": %.3f",
         window, sent - from, complete, deliveries, at_limit ? 0 : missed, at_limit ? missed : 0, twice, late, closed,
         took_seconds, deliveries / took_seconds, 1 - idle / (t - start));
  print_quantiles();
  printf(", \"first_close\": \"%s\", \"refused\": %ld, \"first_refusal\": \"%s\"}\n", first_close, refused,
         first_refusal);
  fflush(stdout);
  for (long i = from; i < sent && complete == sent - from; i++) free(seen[i]), seen[i] = NULL;
  return complete == sent - from;
}

/* Listens until standard input says how many messages there were, and reconciles these with what came here. */
static void hold(void) {
  char line[32] = "";
  watch_standard_input();
  for (int found; (found = turn(sent ? 0 : 1000)) >= 0; keep_alive(now()))
    if (!found) sched_yield();
  if (!fgets(line, sizeof line, stdin)) return;
  long count = atol(line), lost = 0;
  double began = now();
  while (deliveries < count * member_count && now() - began < QUIET_SECONDS) turn(10);
  for (long i = 0; i < count; i++)
    for (int m = 0; m < member_count; m++) lost += !seen[i] || !seen[i][m];
  printf("{\"messages\": %ld, \"deliveries\": %ld, \"lost\": %ld, \"twice\": %ld, \"closed\": %d}\n", count, deliveries,
         lost, twice, closed);
}

/* So many on their way at once that the server never waits for the next, and its listen queue never overflows. */
static void arrive(void) {
  double began = now();
  int dialled = 0;
  while (opened + closed < member_count && now() - began < options.arrival_seconds) {
    while (dialled < member_count && dialled - opened - closed < options.arriving) dial(&members[dialled++]);
    turn(10);
  }
  printf("{\"members\": %d, \"opened\": %d, \"connect_seconds\": %.4f, \"first_close\": \"%s\"}\n", member_count, opened,
         now() - began, first_close);
  fflush(stdout);
  if (opened < member_count) exit(4);
}

int main(int argc, char **argv) {
  int count = read_options(argc, argv);
  seen = calloc(MOST_MESSAGES, sizeof *seen);
  missing = calloc(MOST_MESSAGES, sizeof *missing);
  sent_at = calloc(MOST_MESSAGES, sizeof *sent_at);
  took = calloc(MOST_MESSAGES, sizeof *took);
  lines_begin(count);
  arrive();
  if (options.hold) {
    hold();
    return 0;
  }
  for (double quiet = now() + 0.3; now() < quiet;) turn(10);
  for (int i = 0; i < options.window_count; i++)
    if (!measure(options.windows[i])) return 4;
  return 0;
}
