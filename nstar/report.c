#include "nstar/report.h"

#include "common/base/error.h"
#include "common/base/say.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int worst = STATUS_OK;

int report_status(void)
{
	return worst;
}

/* Control characters and backslashes in octal, as tar writes them. A name that does not fit is cut. */
static void escape(const char *name, char *out, size_t size)
{
	for (; *name && size > 5; name++) {
		unsigned char byte = (unsigned char)*name;
		int len = iscntrl(byte) || byte == '\\' ? snprintf(out, size, "\\%03o", byte)
							: snprintf(out, size, "%c", byte);

		out += len;
		size -= (size_t)len;
	}
	*out = '\0';
}

__attribute__((format(printf, 3, 0))) static void report(int status, const char *entry, const char *format,
	va_list args)
{
	char name[1024], text[1024];

	escape(entry, name, sizeof name);
	vsnprintf(text, sizeof text, format, args);
	warn("%s: %s", name, text);
	if (status > worst)
		worst = status;
}

void report_warning(const char *entry, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(STATUS_OK, entry, format, args);
	va_end(args);
}

void report_changed(const char *entry, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(STATUS_CHANGED, entry, format, args);
	va_end(args);
}

void report_failure(const char *entry, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(STATUS_FAILED, entry, format, args);
	va_end(args);
}

const char *report_reason(int number)
{
	static char words[128];

	if (number == 0)
		return "Success"; /* musl has other words for it */
	snprintf(words, sizeof words, "%s", errno_text(number));
	words[0] = (char)toupper((unsigned char)words[0]);
	return words;
}

void unable(const char *format, ...)
{
	int number = errno;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dprintf(2, "%s: %s\n", text, report_reason(number));
	exit(STATUS_UNABLE);
}
