#include "common/base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 4096 /* bytes of a line */

const char *progname = "?";
enum say_level say_threshold = SAY_WARN;
void (*say_sink)(enum say_level level, const char *text);

void (*say_step_sink)(const char *name);

/* reason, if it is not NULL, stands behind ": ". */
static void word(char line[LONGEST], const char *format, va_list args, const char *reason)
{
	int len = vsnprintf(line, LONGEST, format, args);

	if (reason && len >= 0 && len < LONGEST)
		snprintf(line + len, (size_t)(LONGEST - len), ": %s", reason);
}

/* One dprintf a line, so that lines of several processes do not mix. */
static void tell(enum say_level level, const char *format, va_list args, const char *reason)
{
	int saved = errno;
	char line[LONGEST];

	word(line, format, args, reason);
	if (say_sink)
		say_sink(level, line);
	else
		dprintf(2, "%s: %s\n", progname, line);
	errno = saved;
}

static void tell_fatal(const char *verb, const char *format, va_list args, const char *reason)
{
	char line[LONGEST];

	word(line, format, args, reason);
	dprintf(2, "%s: fatal: %s%s\n", progname, verb, line);
}

void say_step(const char *name)
{
	if (say_step_sink)
		say_step_sink(name);
}

void say(enum say_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (level >= say_threshold)
		tell(level, format, args, NULL);
	va_end(args);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(SAY_WARN, format, args, NULL);
	va_end(args);
}

void warn_sys(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell(SAY_WARN, format, args, strerror(errno));
	va_end(args);
}

void die(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_fatal("", format, args, NULL);
	va_end(args);
	exit(code);
}

void die_sys(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell_fatal("unable to ", format, args, strerror(errno));
	va_end(args);
	exit(code);
}
