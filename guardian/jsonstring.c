#include "guardian/jsonstring.h"

#include "common/base/utf8.h"

#include <string.h>

static void add_replacement(struct jsonstring *string)
{
	text_add(&string->text, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
}

/* Whether more bytes could make a character of the part. */
static bool incomplete(const struct jsonstring *string)
{
	unsigned char first = (unsigned char)string->part[0];
	size_t wanted = first < 0xc0 || first >= 0xf8 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < string->part_len; i++)
		if (((unsigned char)string->part[i] & 0xc0) != 0x80)
			return false;
	return string->part_len < wanted;
}

static void drop(struct jsonstring *string, size_t len)
{
	string->part_len -= len;
	memmove(string->part, string->part + len, string->part_len);
}

static void add_byte(struct jsonstring *string, char byte)
{
	string->part[string->part_len++] = byte;
	while (string->part_len && !incomplete(string)) {
		size_t len = utf8_length(string->part, string->part_len);

		if (len)
			text_add(&string->text, string->part, len);
		else
			add_replacement(string);
		drop(string, len ? len : 1);
	}
}

/* What was begun and is not continued. */
static void give_up_part(struct jsonstring *string)
{
	for (; string->part_len; string->part_len--)
		add_replacement(string);
}

static void give_up_surrogate(struct jsonstring *string)
{
	if (string->high)
		add_replacement(string);
	string->high = 0;
}

static void add_code(struct jsonstring *string, uint32_t code)
{
	char bytes[4];
	size_t len = utf8_write(code, bytes);

	if (len)
		text_add(&string->text, bytes, len);
	else
		add_replacement(string); /* a low surrogate without its high one */
}

/* A whole \uXXXX. */
static void add_unit(struct jsonstring *string, uint32_t unit)
{
	if (string->high && unit >= 0xdc00 && unit < 0xe000) {
		add_code(string, 0x10000 + ((string->high - 0xd800) << 10) + (unit - 0xdc00));
		string->high = 0;
		return;
	}
	give_up_surrogate(string);
	if (unit >= 0xd800 && unit < 0xdc00)
		string->high = unit;
	else
		add_code(string, unit);
}

static bool take_hex(struct jsonstring *string, char byte)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *digit = memchr(digits, byte, sizeof digits - 1);

	if (!digit)
		return false;
	string->unit = string->unit << 4 | (uint32_t)((digit - digits) % 16);
	if (--string->hex_left == 0)
		add_unit(string, string->unit);
	return true;
}

static bool take_escape(struct jsonstring *string, char byte)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *name = memchr(names, byte, sizeof names - 1);

	string->backslash = false;
	if (byte == 'u') {
		string->hex_left = 4;
		string->unit = 0;
		return true;
	}
	give_up_surrogate(string);
	if (name)
		text_add(&string->text, &meant[name - names], 1);
	return name;
}

/* How many bytes stand for themselves. */
static size_t plain_run(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] >= ' ' && bytes[n] < 0x7f && bytes[n] != '"' && bytes[n] != '\\')
		n++;
	return n;
}

ssize_t jsonstring_take(struct jsonstring *string, const char *bytes, size_t len, bool *closed)
{
	size_t i = 0, run;

	*closed = false;
	while (i < len && !*closed) {
		char byte = bytes[i++];

		if (string->hex_left || string->backslash) {
			if (!(string->hex_left ? take_hex(string, byte) : take_escape(string, byte)))
				return -1;
		} else if (byte == '\\') {
			give_up_part(string);
			string->backslash = true;
		} else if (byte == '"') {
			give_up_part(string);
			give_up_surrogate(string);
			*closed = true;
		} else if ((unsigned char)byte < ' ') {
			return -1;
		} else {
			give_up_surrogate(string);
			add_byte(string, byte);
			run = plain_run(bytes + i, string->part_len ? 0 : len - i);
			text_add(&string->text, bytes + i, run);
			i += run;
		}
	}
	return (ssize_t)i;
}
