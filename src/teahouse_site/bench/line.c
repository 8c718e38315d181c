/* WebSocket lines over non-blocking sockets, just enough of RFC 6455 to be a polite client; used by load.c. */
#define _GNU_SOURCE
#include "line.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES (1 << 20)
#define MOST_EVENTS 1024
#define STUCK_SECONDS 2

struct address address = {.host = "127.0.0.1", .port = "4000", .authority = "127.0.0.1", .path = "/"};
struct member *members;
int member_count, opened, closed;
char first_close[160];

static int epoll;
static char *reading;
static struct addrinfo *found;

double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(2);
}

void lines_begin(int count) {
  struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
  int error = getaddrinfo(address.host, address.port, &wanted, &found);
  if (error) fail(address.host, gai_strerror(error));
  member_count = count;
  members = calloc(count, sizeof *members);
  reading = malloc(READ_BYTES + CARRY);
  epoll = epoll_create1(0);
}

void watch_standard_input(void) {
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &e);
}

static void hang_up(struct member *m, const char *why) {
  if (m->state == CLOSED) return;
  if (m->state == OPEN) opened--;
  m->state = CLOSED;
  closed++;
  close(m->fd);
  if (!*first_close) snprintf(first_close, sizeof first_close, "%s", why);
  line_closed(m);
}

static void put(struct member *m, const char *bytes, size_t size) {
  double began = 0;
  while (size && m->state != CLOSED) {
    ssize_t n = send(m->fd, bytes, size, MSG_NOSIGNAL);
    if (n >= 0) {
      bytes += n;
      size -= n;
    } else if (errno == EAGAIN || errno == EINTR) {
      if (!began) began = now();
      if (now() - began > STUCK_SECONDS) hang_up(m, "the server took nothing for 2 s");
      usleep(100);
    } else {
      hang_up(m, strerror(errno));
    }
  }
}

/* One masked frame; the mask is zero, which is a mask as good as any. */
static void put_frame(struct member *m, int opcode, const char *payload, size_t size) {
  char frame[8 + 4096];
  size_t at = 0;
  if (size > 4096) fail("a text to send", "longer than 4096 bytes");
  frame[at++] = (char)(0x80 | opcode);
  if (size < 126) {
    frame[at++] = (char)(0x80 | size);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(size >> 8);
    frame[at++] = (char)size;
  }
  memset(frame + at, 0, 4);
  memcpy(frame + at + 4, payload, size);
  put(m, frame, at + 4 + size);
}

void say(struct member *m, const char *text, size_t size) {
  m->last_said = now();
  put_frame(m, 1, text, size);
}

void dial(struct member *m) {
  int on = 1;
  m->fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (m->fd < 0) fail("socket", strerror(errno));
  setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  m->state = CONNECTING;
  if (connect(m->fd, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS) fail("connect", strerror(errno));
  struct epoll_event e = {.events = EPOLLOUT, .data.ptr = m};
  epoll_ctl(epoll, EPOLL_CTL_ADD, m->fd, &e);
}

/* Appends one header line, with the member's number for "%d". */
static char *header(char *to, char *end, const char *line, int number) {
  const char *place = strstr(line, "%d");
  int before = place ? (int)(place - line) : (int)strlen(line);
  int n = place ? snprintf(to, end - to, "%.*s%d%s\r\n", before, line, number, place + 2)
                : snprintf(to, end - to, "%s\r\n", line);
  if (n >= end - to) fail("the handshake's headers", "longer than 8 KiB");
  return to + n;
}

static void shake_hands(struct member *m) {
  char head[8192], *to = head, *end = head + sizeof head;
  int error = 0, number = address.first_member + (int)(m - members);
  socklen_t size = sizeof error;
  getsockopt(m->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) fail("cannot connect", strerror(error));
  to += snprintf(to, end - to,
                 "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                 address.path, address.authority);
  if (address.protocol) to += snprintf(to, end - to, "Sec-WebSocket-Protocol: %s\r\n", address.protocol);
  for (int i = 0; i < address.header_count; i++) to = header(to, end, address.headers[i], number);
  if (address.own_headers) to = header(to, end, address.own_headers[m - members], number);
  m->state = HANDSHAKE;
  put(m, head, to + snprintf(to, end - to, "\r\n") - head);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = m};
  epoll_ctl(epoll, EPOLL_CTL_MOD, m->fd, &e);
}

/* Takes the steps into the room that what was heard allows; a wait for nothing is over at once. */
static void step_in(struct member *m, const char *bytes, const char *end) {
  while (m->step < address.steps) {
    const char *wait = address.waits[m->step], *answer = address.sends[m->step];
    if (*wait) {
      const char *at = bytes ? memmem(bytes, end - bytes, wait, strlen(wait)) : NULL;
      if (!at) return;
      bytes = at + strlen(wait);
    }
    m->step++;
    if (*answer) say(m, answer, strlen(answer));
  }
  m->state = OPEN;
  opened++;
}

static int payload(struct member *m, const char *bytes, size_t size, double at) {
  if (m->state == OPEN) return heard(m, bytes, size, at);
  const char *no = address.refusal ? memmem(bytes, size, address.refusal, strlen(address.refusal)) : NULL;
  if (no) {
    /* Not what stands before it: a token may be among that. */
    fprintf(stderr, "refused: %.*s\n", (int)(bytes + size - no < 400 ? bytes + size - no : 400), no);
    exit(3);
  }
  step_in(m, bytes, bytes + size);
  return m->state == OPEN ? 0 : (int)(size < 64 ? size : 64);
}

static void control(struct member *m, int opcode, const uint8_t *bytes, size_t size) {
  if (opcode == 9) put_frame(m, 10, (const char *)bytes, size);
  if (opcode != 8) return;
  char why[160];
  int code = size < 2 ? 1005 : bytes[0] << 8 | bytes[1];
  snprintf(why, sizeof why, "%d %.*s", code, size > 2 ? (int)size - 2 : 0, size > 2 ? (const char *)bytes + 2 : "");
  hang_up(m, why);
}

/* Walks the frames of a read; returns how many bytes at its end must be seen again with what follows. */
static size_t frames(struct member *m, const uint8_t *p, size_t size, double at) {
  while (size && m->state != CLOSED) {
    if (m->left) {
      size_t chunk = (size_t)m->left < size ? (size_t)m->left : size;
      int again = payload(m, (const char *)p, chunk, at);
      if (chunk == (size_t)m->left) again = 0;
      m->left -= (long)chunk - again;
      if (again) return again;
      p += chunk;
      size -= chunk;
      continue;
    }
    size_t head = size < 2 ? 2 : p[1] < 126 ? 2 : p[1] == 126 ? 4 : 10;
    if (size < head) return size;
    uint64_t length = p[1];
    if (head > 2) {
      length = 0;
      for (size_t i = 2; i < head; i++) length = length << 8 | p[i];
    }
    int opcode = p[0] & 15;
    if (opcode & 8) {
      if (size < head + length) return size;
      control(m, opcode, p + head, length);
      head += length;
    } else {
      m->left = (long)length;
    }
    p += head;
    size -= head;
  }
  return 0;
}

/* Ends the handshake when its answer is whole; returns what follows it, or NULL. */
static char *answered(struct member *m, char *bytes, size_t size) {
  char *end = memmem(bytes, size, "\r\n\r\n", 4);
  if (!end) return NULL;
  if (size < 12 || memcmp(bytes + 8, " 101", 4)) {
    fprintf(stderr, "refused: %.*s\n", (int)((char *)memchr(bytes, '\r', size) - bytes), bytes);
    exit(3);
  }
  m->state = OPENING;
  step_in(m, NULL, NULL);
  return end + 4;
}

static void readable(struct member *m) {
  memcpy(reading, m->carry, m->carried);
  ssize_t n = recv(m->fd, reading + m->carried, READ_BYTES, 0);
  if (n <= 0) {
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    hang_up(m, n < 0 ? strerror(errno) : "the line was cut");
    return;
  }
  size_t size = m->carried + n, again = size;
  char *from = reading;
  if (m->state == HANDSHAKE) from = answered(m, reading, size);
  if (from) again = frames(m, (uint8_t *)from, size - (from - reading), now());
  if (again > CARRY) fail("the handshake's answer", "longer than 2 KiB");
  memmove(m->carry, reading + size - again, again);
  m->carried = (int)again;
}

int turn(int milliseconds) {
  struct epoll_event events[MOST_EVENTS];
  int n = epoll_wait(epoll, events, MOST_EVENTS, milliseconds), asked = 0;
  for (int i = 0; i < n; i++) {
    struct member *m = events[i].data.ptr;
    if (!m) asked = 1;
    else if (m->state == CONNECTING) shake_hands(m);
    else if (m->state != CLOSED) readable(m);
  }
  return asked ? -1 : n;
}
