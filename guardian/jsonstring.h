/* A JSON string whose bytes come in pieces, decoded as far as they go. What is no UTF-8 becomes U+FFFD, a byte at a time, and so
 * does a surrogate without its pair. */
#ifndef GUARDIAN_JSONSTRING_H
#define GUARDIAN_JSONSTRING_H

#include "common/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct jsonstring {
	struct text text; /* decoded so far; the caller may take it out at any time */
	/* Where the last piece was cut: in a character of several bytes, in an escape, between two surrogates. */
	char part[4];
	size_t part_len;
	bool backslash;
	unsigned hex_left;
	uint32_t unit, high;
};

/* Takes bytes behind the opening quote, up to and with the closing one: how many, and whether *closed. -1 when they are no JSON.
 * Closed or not, the next byte may begin another string. */
ssize_t jsonstring_take(struct jsonstring *string, const char *bytes, size_t len, bool *closed);

#endif
