#include "guardian/quote.h"

#include "common/base/text.h"
#include "common/base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "abfnrtv\\\"", meant[] = "\a\b\f\n\r\t\v\\\"";

char *quote(const char *value)
{
	struct text quoted = { 0 };
	size_t left = strlen(value), len;

	text_add(&quoted, "\"", 1);
	for (; left; value += len, left -= len) {
		const char *found = strchr(meant, *value);

		len = utf8_length(value, left);
		if (found)
			text_addf(&quoted, "\\%c", letters[found - meant]);
		else if (len == 0 || (unsigned char)*value < ' ' || *value == 0x7f)
			text_addf(&quoted, "\\x%02x", (unsigned)(unsigned char)*value);
		else
			text_add(&quoted, value, len);
		len += len == 0;
	}
	text_add(&quoted, "\"", 1);
	return text_take(&quoted);
}

/* A number of exactly so many digits; UINT32_MAX when they are not there. */
static uint32_t read_digits(const char *digits, size_t count, int base)
{
	char word[9] = { 0 }, *end;
	unsigned long number;

	memcpy(word, digits, strnlen(digits, count));
	number = strtoul(word, &end, base);
	return end == word + count && strspn(word, "0123456789abcdefABCDEF") == count ? (uint32_t)number : UINT32_MAX;
}

/* Adds what the escape behind a backslash stands for. Returns how many characters it had, 0 when it is none. */
static size_t add_escape(struct text *text, const char *escape)
{
	static const char kinds[] = "xuU";
	static const size_t widths[] = { 2, 4, 8 };
	const char *found = *escape ? strchr(letters, *escape) : NULL;
	const char *kind = *escape ? strchr(kinds, *escape) : NULL;
	char bytes[4];
	size_t digits, len;
	uint32_t code;

	if (found) {
		text_add(text, &meant[found - letters], 1);
		return 1;
	}
	digits = kind ? widths[kind - kinds] : 3;
	code = kind ? read_digits(escape + 1, digits, 16) : read_digits(escape, digits, 8);
	if (kind && *kind != 'x') {
		len = utf8_write(code, bytes);
	} else { /* a byte, not a character */
		len = code <= UINT8_MAX;
		bytes[0] = (char)code;
	}
	text_add(text, bytes, len);
	return len && code ? digits + (kind != NULL) : 0;
}

char *unquote(const char *quoted, struct error *err)
{
	struct text text = { 0 };
	const char *at = quoted + 1;
	size_t len;

	while (*at && *at != '"' && *at != '\n') {
		if (*at != '\\') {
			text_add(&text, at++, 1);
			continue;
		}
		len = add_escape(&text, at + 1);
		if (len == 0)
			break;
		at += 1 + len;
	}
	if (strcmp(at, "\"") == 0)
		return text_take(&text);
	text_free(&text);
	fail(err, "invalid syntax");
	return NULL;
}
