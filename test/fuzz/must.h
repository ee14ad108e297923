/* must(condition): what a target promises. It is always looked at, as assert is not, and ends the program if it does not hold. */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define must(condition) ((condition) ? (void)0 : must_have(#condition, __FILE__, __LINE__))

static inline void must_have(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
	abort();
}

#endif
