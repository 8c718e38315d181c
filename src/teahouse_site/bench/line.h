/* One member's WebSocket line, as the load uses it: open it, say a text, hear what comes. */
#ifndef LINE_H
#define LINE_H
#include <stddef.h>

#define CARRY 2048
#define MAX_HEADERS 8
#define MAX_STEPS 4

enum state { UNUSED, CONNECTING, HANDSHAKE, OPENING, OPEN, CLOSED };

struct member {
  int fd;
  enum state state;
  int step;          /* how many of the steps into the room are done */
  long left;         /* bytes of the payload under way that are still to come */
  double last_said;
  int carried;       /* the end of the last read, when it was cut in the middle of something */
  char carry[CARRY];
};

struct address {
  const char *host, *port, *authority, *path, *protocol, *refusal;
  const char *headers[MAX_HEADERS]; /* "%d" in them is the member's number */
  char **own_headers;               /* one line for each member, or NULL */
  int header_count, first_member;
  const char *waits[MAX_STEPS], *sends[MAX_STEPS];
  int steps;
};

extern struct address address;
extern struct member *members;
extern int member_count, opened, closed;
extern char first_close[160];

double now(void);
void lines_begin(int count);
void dial(struct member *m);
void say(struct member *m, const char *text, size_t size);
int turn(int milliseconds); /* returns how many lines had something, and -1 once standard input has something */
void watch_standard_input(void);

/* The load's own: what an open line heard; returns how many bytes at the end to hand over again with what follows. */
int heard(struct member *m, const char *bytes, size_t size, double at);
void line_closed(struct member *m);
#endif
