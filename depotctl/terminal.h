/* Our own terminal while a process in a container uses it: raw, and given back as it was, however we end. */
#ifndef DEPOTCTL_TERMINAL_H
#define DEPOTCTL_TERMINAL_H

#include <stdbool.h>

/* Makes the terminal on standard input raw: every key is a byte for the process, output is passed as it is. From now on it
 * is restored at exit and at every signal that ends the program, KILL apart. 0, or -1 with errno. */
int terminal_raw(void);

/* The same after somebody else has changed it, if it was raw. */
void terminal_raw_again(void);

/* Gives it back; nothing if it is not raw. */
void terminal_restore(void);

/* Stops this program as its terminal's suspend key would, with the terminal given back meanwhile. */
void terminal_suspend(void);

/* The size of the first of standard input, output and error that is a terminal. False if none is, or it has no size. */
bool terminal_size(unsigned *columns, unsigned *rows);

/* If fd is a terminal, a non-blocking descriptor of its own for it, else -1. O_NONBLOCK on fd itself would be seen by
 * everybody else who has inherited it. */
int terminal_reopen(int fd, int flags);

#endif
