/* What the load is to do, as its command line says; the words are written by teahouse_site/bench/load.py. */
#ifndef OPTIONS_H
#define OPTIONS_H

#define MOST_WINDOWS 8

extern struct options {
  const char *template, *keepalive; /* a message, with %s for its text and %n for a number; what says "I am here" */
  int arriving;                     /* how many are on their way in at once */
  int windows[MOST_WINDOWS], window_count;
  int hold;                         /* only listen, until standard input says how many messages there were */
  int server_pid;                   /* of a server on this machine, else 0 */
  double seconds, limit_seconds, arrival_seconds;
} options;

int read_options(int argc, char **argv); /* returns the number of members, for whom there are enough descriptors */
#endif
