#include "depotctl/failed.h"

#include "common/base/say.h"
#include "depotctl/columns.h"
#include "depotctl/verbs.h"

#include <stdbool.h>
#include <string.h>

/* As one line of clean text, without the newline that a helper's own words may end with. */
static char *shown(const char *text)
{
	size_t len = strlen(text);
	autofree char *line = xprintf("%.*s", (int)(len && text[len - 1] == '\n' ? len - 1 : len), text);

	return clean_text(line);
}

int failed(const struct options *options, const struct error *err)
{
	autofree char *text = shown(err->text);
	const char *name = options->verb ? options->verb->name : "";
	size_t len = strlen(name);

	/* Some operations name themselves already. */
	if (!options->verb || (strncmp(text, name, len) == 0 && text[len] == ':'))
		warn("%s", text);
	else
		warn("%s: %s", name, text);
	return EXIT_OURS;
}

int misused(const struct options *options, const struct error *err)
{
	int code = failed(options, err);

	warn("try 'depotctl help%s%s'", options->verb ? " " : "", options->verb ? options->verb->name : "");
	return code;
}

/* What runc and crun say when execve(2) gave EACCES, ENOEXEC or EISDIR for a program that is there. */
static bool cannot_execute(const char *text)
{
	static const char *const reasons[] = { "permission denied", "exec format error", "is a directory" };

	if (!strstr(text, "exec"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		size_t len = strlen(text), end = strlen(reasons[i]);

		if (len >= end && strcasecmp(text + len - end, reasons[i]) == 0)
			return true;
	}
	return false;
}

int failed_start(const struct options *options, const struct error *err)
{
	failed(options, err);
	if (err->kind == ERROR_EXECUTABLE_NOT_FOUND)
		return EXIT_NOT_FOUND;
	return cannot_execute(err->text) ? EXIT_CANNOT_EXECUTE : EXIT_OURS;
}
