/* What a container calls its users and groups: ids back to names. */
#ifndef NSTAR_NAMES_H
#define NSTAR_NAMES_H

#include "common/base/accounts.h"

#include <stddef.h>

struct name {
	unsigned id;
	char *name;
};

struct names {
	struct name *item;
	size_t count, last; /* the one that was found last: files of one owner stand together */
};

/* Reads them all. A file that cannot be read has none. root is the directory below which etc/passwd and etc/group are. */
void names_load(struct names *names, int root, enum accounts_file file);

/* The first one for that id, NULL if there is none; owned by names. */
const char *names_find(struct names *names, unsigned id);

void names_free(struct names *names);

#endif
