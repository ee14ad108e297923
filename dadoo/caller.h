/* Whoever started dadoo: the six descriptors it handed over, and what dadoo says on them. The numbers, the bytes and the
 * words of the lines are the process protocol's, which other programs read. */
#ifndef DADOO_CALLER_H
#define DADOO_CALLER_H

#include <stdbool.h>

enum {
	FD_SPEC = 0,        /* the process to run, as JSON; only the runtime reads it */
	FD_LOG = 1,         /* lines that say why dadoo failed */
	FD_WARNINGS = 2,    /* lines about what went wrong and did no harm */
	FD_STATUS = 3,      /* one byte: how the runtime ended */
	FD_RUNTIME_LOG = 4, /* written by the runtime, through /proc */
	FD_READY = 5,       /* one byte 0: dadoo has its ends of the FIFOs */
};

/* Exit statuses of dadoo that are not the process's. */
enum { EXIT_SHIM = 2, EXIT_RUNTIME = 3 };

/* Bytes on FD_STATUS that are not the runtime's exit status. */
enum { STATUS_NOT_STARTED = 2, STATUS_KILLED = 255 };

/* Makes sure that 0 to 5 are open, so that no file opened later gets one of these numbers, and close-on-exec from 3 on. What
 * else was left open is closed: an end of a FIFO among it would keep that from ever ending. */
void caller_prepare(void);

/* Writes a byte to FD_STATUS or FD_READY, and closes it. A caller that is gone is no reason to stop. */
void caller_tell(int fd, int byte);

/* Whether nobody can read FD_READY any more. */
bool caller_gone(void);

/* Lets go of the process's spec, once the runtime has it: it takes memory, and may hold secrets. */
void caller_forget_spec(void);

/* A line on FD_LOG or FD_WARNINGS; give_up also ends dadoo with EXIT_SHIM. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
void caution(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
