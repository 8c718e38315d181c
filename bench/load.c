/* The load of the bench: many members of one room over loopback, on one core.
 *
 * Sends numbered messages with a window of so many under way, watches every byte that comes back for their marks, and
 * reconciles at the end what each member received with what was sent. Frames need not be parsed for that: servers send
 * unmasked and uncompressed, so a mark ("~m00000042~") stands in the stream as it was written.
 *
 * Prints one JSON object: messages, deliveries, lost, twice, seconds, deliveries_per_second, latency quantiles (ms,
 * from the send to the last member), connect_seconds, cpu_share (this process's share of its core while it measured).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK 11 /* ~m + 8 digits + ~ */
#define MAX_STEPS 4

enum state { CONNECTING, HANDSHAKE, OPENING, OPEN, CLOSED };

struct member {
  int fd;
  enum state state;
  int step;         /* next of the waits that come before the room is entered */
  char carry[512];  /* the end of the last read: a mark or a wait may be cut in two */
  int carried;
};

static struct {
  const char *host, *path, *protocol, *template, *origin;
  int port, members, window, senders;
  double seconds;
  long messages;
  const char *waits[MAX_STEPS], *sends[MAX_STEPS];
  int steps;
} options = {.host = "127.0.0.1", .path = "/", .template = "%s", .members = 100, .window = 1, .senders = 0,
             .seconds = 5, .messages = 1000000};

static struct member *members;
static int epoll, opened, closed;
static uint8_t **seen;     /* seen[message][member]: how often */
static int *received;      /* by message: members that have it */
static double *sent_at, *took;
static long sent, complete, deliveries, twice;
static char *reading;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void put(struct member *m, const char *bytes, size_t size) {
  while (size) {
    ssize_t n = send(m->fd, bytes, size, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      usleep(100);
      continue;
    }
    if (n < 0) {
      m->state = CLOSED;
      return;
    }
    bytes += n;
    size -= n;
  }
}

/* One masked text frame; the mask is zero, which is a mask as good as any. */
static void put_frame(struct member *m, const char *text, size_t size) {
  char frame[4096];
  size_t at = 0;
  frame[at++] = (char)0x81;
  if (size < 126) {
    frame[at++] = (char)(0x80 | size);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(size >> 8);
    frame[at++] = (char)size;
  }
  memset(frame + at, 0, 4);
  at += 4;
  memcpy(frame + at, text, size);
  put(m, frame, at + size);
}

static void handshake(struct member *m) {
  char head[2048];
  int n = snprintf(head, sizeof head,
                   "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s%s%s\r\n",
                   options.path, options.host, options.port, options.protocol ? "Sec-WebSocket-Protocol: " : "",
                   options.protocol ? options.protocol : "", options.protocol ? "\r\n" : "",
                   options.origin ? "Origin: " : "", options.origin ? options.origin : "", options.origin ? "\r\n" : "");
  put(m, head, n);
  m->state = HANDSHAKE;
}

static void send_message(void) {
  char text[65], out[2048];
  long number = sent++;
  int size = 0;
  snprintf(text, sizeof text, "~m%08ld~%053d", number, 0);
  for (const char *p = options.template; *p; p++) {
    if (p[0] == '%' && p[1] == 's') {
      memcpy(out + size, text, 64);
      size += 64;
      p++;
    } else if (p[0] == '%' && p[1] == 'n') {
      size += sprintf(out + size, "%ld", number + 10);
      p++;
    } else {
      out[size++] = *p;
    }
  }
  seen[number] = calloc(options.members, 1);
  sent_at[number] = now();
  int sender = options.senders ? number % options.senders : number % options.members;
  put_frame(&members[sender], out, size);
}

static void mark(int member, long number, double at) {
  if (number >= sent) return;
  if (seen[number][member]++) {
    twice++;
    return;
  }
  deliveries++;
  if (++received[number] == options.members) {
    took[number] = at - sent_at[number];
    complete++;
  }
}

static void scan(struct member *m, const char *bytes, size_t size, double at) {
  const char *end = bytes + size, *p = bytes;
  while ((p = memchr(p, '~', end - p)) && end - p >= MARK) {
    if (p[1] == 'm' && p[MARK - 1] == '~') {
      long number = 0;
      for (int i = 2; i < 10; i++) number = number * 10 + (p[i] - '0');
      mark((int)(m - members), number, at);
      p += MARK;
    } else {
      p++;
    }
  }
}

/* Waits before the room: an HTTP 101, then each text that was named, after which its answer is sent. */
static void open_up(struct member *m, const char *bytes, size_t size) {
  if (m->state == HANDSHAKE) {
    if (!memmem(bytes, size, "\r\n\r\n", 4)) return;
    if (!memmem(bytes, size, " 101 ", 5)) {
      fprintf(stderr, "refused: %.*s\n", (int)size, bytes);
      exit(2);
    }
    m->state = OPENING;
  }
  while (m->step < options.steps &&
         (!*options.waits[m->step] || memmem(bytes, size, options.waits[m->step], strlen(options.waits[m->step])))) {
    if (*options.sends[m->step]) put_frame(m, options.sends[m->step], strlen(options.sends[m->step]));
    m->step++;
    if (m->step < options.steps && *options.waits[m->step]) break;
  }
  if (m->step == options.steps) {
    m->state = OPEN;
    opened++;
  }
}

static void readable(struct member *m) {
  memcpy(reading, m->carry, m->carried);
  ssize_t n = recv(m->fd, reading + m->carried, 1 << 20, 0);
  if (n <= 0) {
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    m->state = CLOSED;
    closed++;
    epoll_ctl(epoll, EPOLL_CTL_DEL, m->fd, NULL);
    return;
  }
  size_t size = m->carried + n;
  if (m->state != OPEN) {
    open_up(m, reading, size);
    m->carried = m->state == OPEN ? 0 : (int)(size < sizeof m->carry ? size : sizeof m->carry);
    memcpy(m->carry, reading + size - m->carried, m->carried);
    return;
  }
  scan(m, reading, size, now());
  /* What was scanned whole must not be scanned again: keep only a tail that begins a mark. */
  const char *from = reading + (size > MARK - 1 ? size - (MARK - 1) : 0), *tail = NULL;
  for (const char *p = from; p < reading + size; p++)
    if (*p == '~' && (p + 1 == reading + size || p[1] == 'm')) {
      tail = p;
      break;
    }
  m->carried = tail ? (int)(reading + size - tail) : 0;
  if (tail) memmove(m->carry, tail, m->carried);
}

static void turn(int milliseconds) {
  struct epoll_event events[1024];
  int n = epoll_wait(epoll, events, 1024, milliseconds);
  for (int i = 0; i < n; i++) {
    struct member *m = events[i].data.ptr;
    if (m->state == CONNECTING) {
      handshake(m);
      struct epoll_event e = {.events = EPOLLIN, .data.ptr = m};
      epoll_ctl(epoll, EPOLL_CTL_MOD, m->fd, &e);
    } else if (m->state != CLOSED) {
      readable(m);
    }
  }
}

static void dial(struct member *m) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options.port)};
  int on = 1;
  inet_pton(AF_INET, options.host, &to.sin_addr);
  m->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (m->fd < 0) die("socket");
  setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(m->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) die("connect");
  struct epoll_event e = {.events = EPOLLOUT, .data.ptr = m};
  epoll_ctl(epoll, EPOLL_CTL_ADD, m->fd, &e);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void parse(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i] + 2, *value = argv[i + 1];
    if (!strcmp(name, "host")) options.host = value;
    else if (!strcmp(name, "port")) options.port = atoi(value);
    else if (!strcmp(name, "path")) options.path = value;
    else if (!strcmp(name, "protocol")) options.protocol = value;
    else if (!strcmp(name, "origin")) options.origin = value;
    else if (!strcmp(name, "template")) options.template = value;
    else if (!strcmp(name, "members")) options.members = atoi(value);
    else if (!strcmp(name, "senders")) options.senders = atoi(value);
    else if (!strcmp(name, "window")) options.window = atoi(value);
    else if (!strcmp(name, "seconds")) options.seconds = atof(value);
    else if (!strcmp(name, "messages")) options.messages = atol(value);
    else if (!strcmp(name, "wait")) options.waits[options.steps] = value;
    else if (!strcmp(name, "send")) options.sends[options.steps++] = value;
    else {
      fprintf(stderr, "unknown option --%s\n", name);
      exit(2);
    }
  }
}

int main(int argc, char **argv) {
  parse(argc, argv);
  members = calloc(options.members, sizeof *members);
  seen = calloc(options.messages, sizeof *seen);
  received = calloc(options.messages, sizeof *received);
  sent_at = calloc(options.messages, sizeof *sent_at);
  took = calloc(options.messages, sizeof *took);
  reading = malloc((1 << 20) + 512);
  epoll = epoll_create1(0);

  double began = now();
  for (int i = 0; i < options.members; i++) {
    dial(&members[i]);
    if (i % 64 == 63) turn(0);
    while (i - opened > 512 && now() - began < 60) turn(10);
  }
  while (opened < options.members && now() - began < 60) turn(100);
  double connected = now() - began;
  if (opened < options.members) {
    printf("{\"unfinished\": \"only %d of %d members got in within 60 s\"}\n", opened, options.members);
    return 0;
  }
  double quiet = now() + 0.5;
  while (now() < quiet) turn(50);

  double start = now(), used = cpu(), last = start;
  long seen_complete = 0;
  while (now() - start < options.seconds && sent < options.messages) {
    while (sent - complete < options.window && sent < options.messages) send_message();
    turn(50);
    if (complete != seen_complete) seen_complete = complete, last = now();
    if (now() - last > 20) break; /* nothing was finished for so long: the rest is lost */
  }
  double end = now();
  long in_time = deliveries;
  used = cpu() - used;
  while (complete < sent && now() - end < 5) turn(50); /* what is still under way may arrive */

  double *done = calloc(complete + 1, sizeof *done);
  long count = 0, lost = 0;
  for (long i = 0; i < sent; i++) {
    lost += options.members - received[i];
    if (received[i] == options.members) done[count++] = took[i] * 1000;
  }
  qsort(done, count, sizeof *done, compare);
  printf("{\"messages\": %ld, \"complete\": %ld, \"deliveries\": %ld, \"lost\": %ld, \"twice\": %ld, \"closed\": %d, "
         "\"seconds\": %.3f, \"deliveries_per_second\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
         "\"connect_seconds\": %.3f, \"cpu_share\": %.2f}\n",
         sent, complete, deliveries, lost, twice, closed, end - start, in_time / (end - start),
         count ? done[count / 2] : -1.0, count ? done[count * 99 / 100] : -1.0, connected, used / (end - start));
  return 0;
}
