#include "nstar/paths.h"

#include "common/base/text.h"

#include <string.h>

const char *path_below_dotdot(const char *path)
{
	const char *below = path;

	for (const char *at = path; *at; at += strcspn(at, "/"), at += strspn(at, "/"))
		if (strncmp(at, "..", 2) == 0 && (!at[2] || at[2] == '/'))
			below = at + 2;
	return below;
}

char *path_relative(const char *path)
{
	size_t len;

	path += strspn(path, "/");
	len = strlen(path);
	while (len > 0 && path[len - 1] == '/')
		len--;
	return len ? xprintf("%.*s", (int)len, path) : xstrdup(".");
}
