#include "common/base/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int number;
	const char *text;
} gnu_words[] = {
	{ EBUSY, "device or resource busy" },
	{ EDQUOT, "disk quota exceeded" },
	{ ELOOP, "too many levels of symbolic links" },
	{ EMFILE, "too many open files" },
	{ EMSGSIZE, "message too long" },
	{ ENAMETOOLONG, "file name too long" },
	{ ENFILE, "too many open files in system" },
	{ ENOMEM, "cannot allocate memory" },
	{ ENOTTY, "inappropriate ioctl for device" },
	{ ERANGE, "numerical result out of range" },
	{ EXDEV, "invalid cross-device link" },
};

const char *errno_text(int number)
{
	static char lower[128];

	for (size_t i = 0; i < sizeof gnu_words / sizeof gnu_words[0]; i++)
		if (gnu_words[i].number == number)
			return gnu_words[i].text;
	snprintf(lower, sizeof lower, "%s", strerror(number));
	lower[0] = (char)tolower((unsigned char)lower[0]);
	return lower;
}

static void word(struct error *err, enum error_kind kind, const char *format, va_list args)
{
	err->kind = kind;
	vsnprintf(err->text, sizeof err->text, format, args);
}

int fail(struct error *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	word(err, ERROR_OTHER, format, args);
	va_end(args);
	return -1;
}

int fail_kind(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	word(err, kind, format, args);
	va_end(args);
	return -1;
}

int fail_sys(struct error *err, const char *format, ...)
{
	int number = errno;
	size_t len;
	va_list args;

	va_start(args, format);
	word(err, ERROR_OTHER, format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", errno_text(number));
	errno = number;
	return -1;
}

int wrap(struct error *err, const char *format, ...)
{
	char inner[sizeof err->text];
	size_t len;
	va_list args;

	memcpy(inner, err->text, sizeof inner);
	va_start(args, format);
	word(err, err->kind, format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", inner);
	return -1;
}
