#include "common/base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 4096 /* bytes of a line */

const char *progname = "?";
enum say_level say_threshold = SAY_WARN;
void (*say_sink)(enum say_level level, const char *text);

/* reason, if it is not NULL, stands behind ": ". */
static void word(char line[LONGEST], const char *format, va_list args, const char *reason)
{
	int len = vsnprintf(line, LONGEST, format, args);

	if (reason && len >= 0 && len < LONGEST)
		snprintf(line + len, (size_t)(LONGEST - len), ": %s", reason);
}

/* One dprintf a line, so that lines of several processes do not mix. */
static void tell(enum say_level level, const char *line)
{
	if (say_sink)
		say_sink(level, line);
	else
		dprintf(2, "%s: %s\n", progname, line);
}

void (*say_step_sink)(const char *name);

void say_step(const char *name)
{
	if (say_step_sink)
		say_step_sink(name);
}

void say(enum say_level level, const char *format, ...)
{
	int saved = errno;
	char line[LONGEST];
	va_list args;

	if (level < say_threshold)
		return;
	va_start(args, format);
	word(line, format, args, NULL);
	va_end(args);
	tell(level, line);
	errno = saved;
}

void warn(const char *format, ...)
{
	int saved = errno;
	char line[LONGEST];
	va_list args;

	va_start(args, format);
	word(line, format, args, NULL);
	va_end(args);
	tell(SAY_WARN, line);
	errno = saved;
}

void warn_sys(const char *format, ...)
{
	int saved = errno;
	char line[LONGEST];
	va_list args;

	va_start(args, format);
	word(line, format, args, strerror(saved));
	va_end(args);
	tell(SAY_WARN, line);
	errno = saved;
}

void die(int code, const char *format, ...)
{
	char line[LONGEST];
	va_list args;

	va_start(args, format);
	word(line, format, args, NULL);
	va_end(args);
	dprintf(2, "%s: fatal: %s\n", progname, line);
	exit(code);
}

void die_sys(int code, const char *format, ...)
{
	int saved = errno;
	char line[LONGEST];
	va_list args;

	va_start(args, format);
	word(line, format, args, strerror(saved));
	va_end(args);
	dprintf(2, "%s: fatal: unable to %s\n", progname, line);
	exit(code);
}
