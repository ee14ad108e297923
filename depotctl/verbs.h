/* The commands of depotctl: one row each in main.c, one function each in the file of its name. */
#ifndef DEPOTCTL_VERBS_H
#define DEPOTCTL_VERBS_H

#include <stdbool.h>
#include <stddef.h>

struct options;

/* Exit codes of our own; every other one is that of the process which run, attach or wait is about. */
enum {
	EXIT_OURS = 125,           /* bad usage, or the operation failed */
	EXIT_CANNOT_EXECUTE = 126, /* the program is there, but the runtime could not execute it */
	EXIT_NOT_FOUND = 127,      /* the program is not in the container */
	EXIT_SIGNALLED = 128,      /* plus the signal's number */
};

struct verb {
	const char *name;
	unsigned flags;                      /* the groups of flags it takes, see flags.h */
	const char *arguments[4];            /* NAME, [OPTIONAL], REPEATED... or [BOTH...]; ended by NULL */
	bool command_line;                   /* flags end at the first argument: what follows is another program's */
	bool json;                           /* --json has a meaning */
	bool bare;                           /* needs no depot */
	bool helpers;                        /* starts dadoo, init or nstar */
	int (*run)(struct options *options); /* returns the exit code */
	const char *summary;
	const char *details; /* NULL, or whole lines */
};

extern const struct verb verbs[];
extern const size_t verb_count;

/* The verb of that name, NULL if there is none. */
const struct verb *verb_find(const char *name);

int verb_attach(struct options *options);
int verb_completion(struct options *options);
int verb_create(struct options *options);
int verb_destroy(struct options *options);
int verb_help(struct options *options);
int verb_info(struct options *options);
int verb_list(struct options *options);
int verb_ps(struct options *options);
int verb_run(struct options *options);
int verb_signal(struct options *options);
int verb_stop(struct options *options);
int verb_stream_in(struct options *options);
int verb_stream_out(struct options *options);
int verb_wait(struct options *options);

#endif
