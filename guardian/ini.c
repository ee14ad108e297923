#include "guardian/ini.h"

#include "common/base/text.h"
#include "guardian/quote.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void ini_free(struct ini *ini)
{
	for (size_t i = 0; i < ini->count; i++) {
		free(ini->line[i].section);
		free(ini->line[i].key);
		free(ini->line[i].value);
	}
	free(ini->line);
	*ini = (struct ini){ 0 };
}

/* Copies len bytes without blanks around them; the caller frees it. */
static char *trimmed(const char *data, size_t len)
{
	while (len && isspace((unsigned char)data[len - 1]))
		len--;
	while (len && isspace((unsigned char)*data))
		data++, len--;
	return xprintf("%.*s", (int)len, data);
}

static void add(struct ini *ini, unsigned number, const char *section, char *key, char *value)
{
	ini->line = xrealloc(ini->line, (ini->count + 1) * sizeof *ini->line);
	ini->line[ini->count++] = (struct ini_line){ number, xstrdup(section), key, value };
}

/* line begins with a bracket. Replaces *section. */
static int take_header(const char *line, char **section, struct error *err)
{
	size_t len = strlen(line);
	char *name;

	if (line[len - 1] != ']')
		return fail(err, "malformed section header");
	name = trimmed(line + 1, len - 2);
	free(*section);
	*section = name;
	return *name ? 0 : fail(err, "empty section name");
}

static int take_pair(const char *line, char **key, char **value, struct error *err)
{
	const char *equals = strchr(line, '=');
	autofree char *plain = NULL;

	if (!equals)
		return fail(err, "malformed key=value (%s)", line);
	plain = trimmed(equals + 1, strlen(equals + 1));
	*value = *plain == '"' ? unquote(plain, err) : xstrdup(plain);
	if (!*value)
		return -1;
	*key = trimmed(line, (size_t)(equals - line));
	return 0;
}

static int take_line(struct ini *ini, const char *line, unsigned number, char **section, struct error *err)
{
	char *key = NULL, *value = NULL;

	if (*line == '\0' || *line == ';' || *line == '#')
		return 0;
	if ((*line == '[' ? take_header(line, section, err) : take_pair(line, &key, &value, err)) < 0)
		return -1;
	add(ini, number, *section, key, value);
	return 0;
}

int ini_parse(const char *data, size_t len, const char *name, struct ini *ini, struct error *err)
{
	autofree char *section = xstrdup("");

	*ini = (struct ini){ 0 };
	for (unsigned number = 1; len; number++) {
		const char *newline = memchr(data, '\n', len);
		size_t line_len = newline ? (size_t)(newline - data) : len, step = line_len + (newline != NULL);
		autofree char *line = trimmed(data, line_len);

		if ((memchr(data, '\0', line_len) ? fail(err, "NUL byte")
						  : take_line(ini, line, number, &section, err)) < 0) {
			ini_free(ini);
			return wrap(err, "%s:%u", name, number);
		}
		data += step;
		len -= step;
	}
	return 0;
}
