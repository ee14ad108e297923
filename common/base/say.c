#include "common/base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *progname = "?";
enum say_level say_threshold = SAY_WARN;

/* One dprintf a line, so that lines of several processes do not mix. */
static void line(const char *before, const char *format, va_list args, const char *after)
{
	char text[4096];

	vsnprintf(text, sizeof text, format, args);
	dprintf(2, "%s: %s%s%s%s\n", progname, before, text, after ? ": " : "", after ? after : "");
}

void say(enum say_level level, const char *format, ...)
{
	int saved = errno;
	va_list args;

	if (level < say_threshold)
		return;
	va_start(args, format);
	line("", format, args, NULL);
	va_end(args);
	errno = saved;
}

void warn(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	line("", format, args, NULL);
	va_end(args);
	errno = saved;
}

void warn_sys(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	line("", format, args, strerror(saved));
	va_end(args);
	errno = saved;
}

void die(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line("fatal: ", format, args, NULL);
	va_end(args);
	exit(code);
}

void die_sys(int code, const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	line("fatal: unable to ", format, args, strerror(saved));
	va_end(args);
	exit(code);
}
