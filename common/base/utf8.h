/* UTF-8 as JSON and error texts need to tell it from other bytes (RFC 3629: no surrogates, no overlong forms). */
#ifndef COMMON_BASE_UTF8_H
#define COMMON_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* What stands for bytes that are none, U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* How many of the bytes at text, 1 to 4, make its first character; 0 when they make none. left is at least 1. */
size_t utf8_length(const char *text, size_t left);

/* Writes a code point, at most 4 bytes, and returns how many; 0 when it is none. */
size_t utf8_write(uint32_t code, char *bytes);

#endif
