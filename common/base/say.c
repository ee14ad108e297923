#include "common/base/say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *progname = "?";
enum say_level say_threshold = SAY_WARN;
void (*say_sink)(enum say_level level, const char *text);

struct line {
	char text[4096];
};

/* reason, if it is not NULL, stands behind ": ". */
static void word(struct line *line, const char *format, va_list args, const char *reason)
{
	int len = vsnprintf(line->text, sizeof line->text, format, args);

	if (reason && len >= 0 && (size_t)len < sizeof line->text)
		snprintf(line->text + len, sizeof line->text - (size_t)len, ": %s", reason);
}

/* One dprintf a line, so that lines of several processes do not mix. */
static void tell(enum say_level level, const struct line *line)
{
	if (say_sink)
		say_sink(level, line->text);
	else
		dprintf(2, "%s: %s\n", progname, line->text);
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
	struct line line;
	va_list args;

	if (level < say_threshold)
		return;
	va_start(args, format);
	word(&line, format, args, NULL);
	va_end(args);
	tell(level, &line);
	errno = saved;
}

void warn(const char *format, ...)
{
	int saved = errno;
	struct line line;
	va_list args;

	va_start(args, format);
	word(&line, format, args, NULL);
	va_end(args);
	tell(SAY_WARN, &line);
	errno = saved;
}

void warn_sys(const char *format, ...)
{
	int saved = errno;
	struct line line;
	va_list args;

	va_start(args, format);
	word(&line, format, args, strerror(saved));
	va_end(args);
	tell(SAY_WARN, &line);
	errno = saved;
}

void die(int code, const char *format, ...)
{
	struct line line;
	va_list args;

	va_start(args, format);
	word(&line, format, args, NULL);
	va_end(args);
	dprintf(2, "%s: fatal: %s\n", progname, line.text);
	exit(code);
}

void die_sys(int code, const char *format, ...)
{
	int saved = errno;
	struct line line;
	va_list args;

	va_start(args, format);
	word(&line, format, args, strerror(saved));
	va_end(args);
	dprintf(2, "%s: fatal: unable to %s\n", progname, line.text);
	exit(code);
}
