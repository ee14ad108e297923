/* The command line. */
#ifndef DADOO_OPTIONS_H
#define DADOO_OPTIONS_H

#include <stdbool.h>

enum mode {
	MODE_EXEC,  /* a process in a container that exists */
	MODE_RUN,   /* a container of its own, whose bundle is the process directory */
	MODE_ADOPT, /* a process that runs already and has lost its dadoo */
};

struct options {
	enum mode mode;
	bool terminal;
	const char *runtime_root; /* "": the runtime's default */
	const char *socket_dir;   /* where the console socket's directory is made; NULL: the system's place */
	const char *runtime;      /* path, or a name in PATH */
	const char *process_dir;
	const char *container_id;
};

/* Ends dadoo with a usage line when it cannot be understood. */
void options_parse(struct options *options, int argc, char **argv);

#endif
