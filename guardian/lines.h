/* Lines on their way to a descriptor that may be slow or broken, without ever waiting for it: what it does not take now is kept,
 * up to a bound, and what is beyond that or fails is lost; the caller is told how many. SIGPIPE must be ignored. */
#ifndef GUARDIAN_LINES_H
#define GUARDIAN_LINES_H

#include "common/base/text.h"

#include <stdbool.h>

#define LINES_MOST (1u << 20) /* bytes that are kept */

struct lines {
	int fd;
	bool cut;            /* what was written last does not end with a newline */
	struct text waiting; /* the first line may have begun */
};

/* Writes or keeps one line, which ends with a newline. False if it is lost. *lost grows by those lost that were kept before. */
bool lines_put(struct lines *lines, const char *line, size_t len, unsigned long long *lost);

/* Writes of what is kept as much as is taken now. Returns how many lines were lost by that. */
unsigned long long lines_flush(struct lines *lines);

#endif
