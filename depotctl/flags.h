/* The command line: one table of every flag of every command, from which getopt_long's tables, the help texts and the shell
 * completion are made, and the struct that parsing fills. */
#ifndef DEPOTCTL_FLAGS_H
#define DEPOTCTL_FLAGS_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/bundle/bundle.h"
#include "common/depot/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct verb;

/* Groups of flags. A verb names the groups it takes, a flag the groups it is in. */
enum {
	FLAGS_EVERY = 1 << 0, /* of every command, accepted before and behind it */
	FLAGS_NEW = 1 << 1,   /* what a new container shall be like */
	FLAGS_ENV = 1 << 2,
	FLAGS_RUN = 1 << 3,
	FLAGS_FORGET = 1 << 4,
	FLAGS_USER = 1 << 5,
	FLAGS_ATTACH = 1 << 6,
	FLAGS_WAIT = 1 << 7,
	FLAGS_STOP = 1 << 8,
	FLAGS_DESTROY = 1 << 9,
	FLAGS_QUIET = 1 << 10,
};

enum completion { COMPLETE_NOTHING, COMPLETE_FILE, COMPLETE_DIRECTORY, COMPLETE_RLIMIT };

struct flag {
	const char *name;  /* without the dashes */
	char letter;       /* 0: none */
	const char *value; /* what help calls its value; NULL: it takes none */
	int (*take)(void *where, const char *value, struct error *err);
	size_t where; /* offset in struct options */
	unsigned groups;
	enum completion completion;
	const char *help;
};

extern const struct flag flags[];
extern const size_t flag_count;

struct options {
	const struct verb *verb; /* NULL: none was given */
	char **args;             /* behind verb and flags, ended by NULL; of argv */
	size_t arg_count;

	struct settings settings;
	bool json, verbose, help, version;

	struct container_spec container; /* create, run --rm */
	const char *new_flag;            /* one of FLAGS_NEW that was given, NULL if none was */
	struct strings env;              /* the container's for create, the process's for run */
	struct process_spec process;     /* run, but for its path, arguments and environment */
	bool detach, interactive, remove, forget;
	char *user; /* run, stream-in, stream-out */
	bool no_stdin;
	int timeout_seconds; /* -1: none */
	bool kill, all, quiet;
};

/* Fills options from the environment and the command line. -1 with a text that names what is wrong with it; options->verb is
 * set as soon as it is known, so that the caller can say whose mistake it is. */
int options_parse(struct options *options, int argc, char **argv, struct error *err);

#endif
