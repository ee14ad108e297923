/* A directory for a target's files, below TMPDIR, or /tmp without one. It goes with the program, but not when a promise is
 * broken: so whoever runs a target gives it a TMPDIR that goes afterwards. */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include "common/base/text.h"
#include "common/base/tree.h"
#include "test/fuzz/must.h"

#include <fcntl.h>
#include <stdlib.h>

static char *scratch_path;

static inline void scratch_remove(void)
{
	(void)tree_remove(AT_FDCWD, scratch_path); /* at the end there is nobody to tell */
}

/* Makes it, once; its descriptor. */
static inline int scratch_make(void)
{
	const char *below = getenv("TMPDIR");
	int dir;

	scratch_path = xprintf("%s/fuzz.XXXXXX", below ? below : "/tmp");
	must(mkdtemp(scratch_path));
	dir = open(scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(dir >= 0);
	atexit(scratch_remove);
	return dir;
}

#endif
