#include "common/base/utf8.h"

#include <stdbool.h>

#define HIGHEST 0x10ffff

static bool is_surrogate(uint32_t code)
{
	return code >= 0xd800 && code < 0xe000;
}

/* How long the character is that this byte begins. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}

size_t utf8_length(const char *text, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* anything lower has a shorter form */
	const unsigned char *byte = (const unsigned char *)text;
	size_t len = length_of(byte[0]);
	uint32_t code;

	if (len <= 1)
		return len;
	if (len > left)
		return 0;
	code = byte[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (byte[i] & 0x3f);
	}
	return code >= least[len] && code <= HIGHEST && !is_surrogate(code) ? len : 0;
}

size_t utf8_write(uint32_t code, char *bytes)
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	if (code > HIGHEST || is_surrogate(code))
		return 0;
	if (len == 1) {
		bytes[0] = (char)code;
		return 1;
	}
	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(0xf00u >> len | code); /* as many ones as there are bytes, then a zero */
	return len;
}
