/* The dialect of the configuration file: "[section]", "key = value", comments behind `;` or `#` on lines of their own. Knows no
 * flags. */
#ifndef GUARDIAN_INI_H
#define GUARDIAN_INI_H

#include "common/base/error.h"

#include <stddef.h>

struct ini_line {
	unsigned number;
	char *section; /* "" before the first one */
	char *key;     /* NULL for the line that opens the section */
	char *value;   /* unquoted */
};

struct ini {
	struct ini_line *line;
	size_t count;
};

#define autoini __attribute__((cleanup(ini_free)))
void ini_free(struct ini *ini);

/* Parses the whole text; name is what errors call it. 0, or -1 with err and nothing to free. */
int ini_parse(const char *data, size_t len, const char *name, struct ini *ini, struct error *err);

#endif
