#include "depotctl/values.h"

#include "common/base/text.h"
#include "common/bundle/bundle.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int take_yes(void *where, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	*(bool *)where = true;
	return 0;
}

int take_text(void *where, const char *value, struct error *err)
{
	char **copy = where;

	(void)err;
	free(*copy);
	*copy = xstrdup(value);
	return 0;
}

char *absolute_path(const char *value)
{
	autofree char *here = NULL;

	if (*value == '/')
		return xstrdup(value);
	here = getcwd(NULL, 0);
	/* Without a working directory the path stays as it is, and whoever opens it says so. */
	return here ? xprintf("%s/%s", strcmp(here, "/") == 0 ? "" : here, value) : xstrdup(value);
}

int take_path(void *where, const char *value, struct error *err)
{
	char **path = where;

	if (!*value)
		return fail(err, "the path is empty");
	free(*path);
	*path = absolute_path(value);
	return 0;
}

int take_list(void *where, const char *value, struct error *err)
{
	(void)err;
	strings_add(where, value);
	return 0;
}

int take_env(void *where, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');

	if (!equals || equals == value)
		return fail(err, "'%s' is not of the form NAME=VALUE", value);
	strings_add(where, value);
	return 0;
}

/* Digits only: strtoull alone would take blanks and signs. The rest behind the digits is the caller's. */
static int read_digits(const char *value, uint64_t *number, const char **rest)
{
	char *end;

	if (*value < '0' || *value > '9')
		return -1;
	errno = 0;
	*number = strtoull(value, &end, 10);
	*rest = end;
	return errno ? -1 : 0;
}

static int read_number(const char *value, uint64_t least, uint64_t most, uint64_t *number, struct error *err)
{
	const char *rest;

	if (read_digits(value, number, &rest) < 0 || *rest || *number < least || *number > most)
		return fail(err, "'%s' is not a whole number from %llu to %llu", value, (unsigned long long)least,
			(unsigned long long)most);
	return 0;
}

static int read_seconds(int *seconds, const char *value, uint64_t least, struct error *err)
{
	uint64_t number;

	if (read_number(value, least, INT_MAX / 1000, &number, err) < 0)
		return -1;
	*seconds = (int)number;
	return 0;
}

int take_seconds(void *where, const char *value, struct error *err)
{
	return read_seconds(where, value, 0, err);
}

int take_limit_seconds(void *where, const char *value, struct error *err)
{
	return read_seconds(where, value, 1, err);
}

int take_u32(void *where, const char *value, struct error *err)
{
	uint64_t number;

	if (read_number(value, 0, UINT32_MAX, &number, err) < 0)
		return -1;
	*(uint32_t *)where = (uint32_t)number;
	return 0;
}

int take_u64(void *where, const char *value, struct error *err)
{
	return read_number(value, 0, UINT64_MAX, where, err);
}

/* The power of two that a unit stands for, -1 for no unit. */
static int unit_shift(const char *unit)
{
	static const char units[] = "KMGT";
	const char *found;

	if (!*unit)
		return 0;
	found = strchr(units, *unit & ~0x20); /* upper or lower case */
	return found && *found && !unit[1] ? 10 * (int)(found - units + 1) : -1;
}

int take_size(void *where, const char *value, struct error *err)
{
	const char *unit = "";
	uint64_t number = 0;
	int shift = read_digits(value, &number, &unit) < 0 ? -1 : unit_shift(unit);

	if (shift < 0 || number > UINT64_MAX >> shift)
		return fail(err, "'%s' is not a size: bytes, or a number followed by K, M, G or T", value);
	*(uint64_t *)where = number << shift;
	return 0;
}

int take_bind_mount(void *where, const char *value, struct error *err)
{
	autofree char *source = xstrdup(value);
	char *destination = strchr(source, ':');
	char *mode = destination ? strchr(destination + 1, ':') : NULL;
	bool writable = mode && strcmp(mode, ":rw") == 0;

	if (!destination || destination == source || destination[1] != '/')
		return fail(err, "'%s' is not of the form SOURCE:/DESTINATION[:ro|:rw]", value);
	if (mode && !writable && strcmp(mode, ":ro") != 0)
		return fail(err, "'%s': the mode is ro or rw, not '%s'", value, mode + 1);
	*destination++ = '\0';
	if (mode)
		*mode = '\0';
	autofree char *path = absolute_path(source);
	container_spec_bind(where, path, destination, writable);
	return 0;
}

int take_window(void *where, const char *value, struct error *err)
{
	struct process_spec *process = where;
	uint64_t columns, rows;
	const char *rest;

	if (read_digits(value, &columns, &rest) < 0 || *rest != 'x' || read_digits(rest + 1, &rows, &rest) < 0 ||
		*rest || columns < 1 || columns > UINT16_MAX || rows < 1 || rows > UINT16_MAX)
		return fail(err, "'%s' is not a size of the form COLUMNSxROWS, each from 1 to %d", value, UINT16_MAX);
	process->window_given = true;
	process->columns = (unsigned)columns;
	process->rows = (unsigned)rows;
	return 0;
}

static int rlimit_index(const char *name, size_t len)
{
	for (int i = 0; i < RLIMITS; i++)
		if (strlen(rlimit_names[i]) == len && memcmp(rlimit_names[i], name, len) == 0)
			return i;
	return -1;
}

int take_rlimit(void *where, const char *value, struct error *err)
{
	struct process_spec *process = where;
	const char *equals = strchr(value, '='), *rest;
	int index = equals ? rlimit_index(value, (size_t)(equals - value)) : -1;
	uint64_t number = UINT64_MAX; /* RLIM_INFINITY */

	if (!equals)
		return fail(err, "'%s' is not of the form NAME=NUMBER", value);
	if (index < 0) {
		autotext struct text names = { 0 };

		for (int i = 0; i < RLIMITS; i++)
			text_addf(&names, " %s", rlimit_names[i]);
		return fail(err, "'%.*s' is not the name of a limit; those are%s", (int)(equals - value), value,
			text_string(&names));
	}
	if (strcmp(equals + 1, "unlimited") != 0 && (read_digits(equals + 1, &number, &rest) < 0 || *rest))
		return fail(err, "'%s' is neither a number nor 'unlimited'", equals + 1);
	process->rlimit_given[index] = true;
	process->rlimit[index] = number;
	return 0;
}
