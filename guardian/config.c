#include "guardian/config.h"

#include "common/base/fd.h"
#include "common/base/text.h"
#include "guardian/ini.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_MOST (1u << 20) /* bytes */

/* What a section is about: a command, and one group of its flags or (GROUP_COMMAND) all of them. */
struct section {
	enum command command;
	enum flag_group group;
};

static bool has_group(enum command command, enum flag_group group)
{
	for (size_t i = 0; i < flag_count; i++)
		if (flag_table[i].group == group && flag_table[i].commands & command & ~flag_table[i].hidden)
			return true;
	return false;
}

static int find_group(const char *name, struct section *section)
{
	for (enum flag_group group = GROUP_COMMAND + 1; group < FLAG_GROUPS; group++) {
		if (strcasecmp(flag_group_names[group], name) == 0 && has_group(section->command, group)) {
			section->group = group;
			return 0;
		}
	}
	return -1;
}

static int find_section(const char *name, struct section *section, struct error *err)
{
	size_t len = strcspn(name, ".");

	*section = (struct section){ command_find(name, len), GROUP_COMMAND };
	if (section->command == COMMAND_NONE || (name[len] && find_group(name + len + 1, section) < 0))
		return fail(err, "could not find option group `%s'", name);
	return 0;
}

static int take_key(const struct ini_line *line, const struct section *section, struct flags *flags, struct error *err)
{
	const struct flag *flag = flag_find(line->key, strlen(line->key), section->command);
	const char *value = line->value;

	if (!flag || (section->group != GROUP_COMMAND && flag->group != section->group))
		return fail(err, "unknown option: %s", line->key);
	if (flag->type->storage == VALUE_BOOL && !*value)
		value = "true";
	return flag_take(flags, flag, value, err);
}

/* Before any section stands what belongs to no command: "config", which cannot name another file from within this one. */
static int take_line(const struct ini_line *line, enum command command, struct flags *flags, struct flags *others,
	struct error *err)
{
	struct section section = { 0 };

	if (!*line->section)
		return strcmp(line->key, "config") == 0 ? 0 : fail(err, "unknown option: %s", line->key);
	if (find_section(line->section, &section, err) < 0)
		return -1;
	if (!line->key)
		return 0;
	return take_key(line, &section, section.command == command ? flags : others, err);
}

int config_apply(const char *data, size_t len, const char *name, enum command command, struct flags *flags,
	struct error *err)
{
	autoini struct ini ini = { 0 };
	struct flags others = { 0 };
	int result = ini_parse(data, len, name, &ini, err);

	for (size_t i = 0; result == 0 && i < ini.count; i++) {
		result = take_line(&ini.line[i], command, flags, &others, err);
		if (result < 0 && ini.line[i].key)
			wrap(err, "%s:%u", name, ini.line[i].number);
	}
	flags_free(&others);
	return result;
}

int config_load(const char *path, enum command command, struct flags *flags, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	autofree char *data = NULL;
	ssize_t len;

	if (fd < 0)
		return fail_sys(err, "open %s", path);
	data = xmalloc(FILE_MOST + 1);
	len = fd_read_full(fd, data, FILE_MOST + 1);
	if (len < 0)
		return fail_sys(err, "read %s", path);
	if ((size_t)len > FILE_MOST)
		return fail(err, "%s: longer than %u bytes", path, FILE_MOST);
	return config_apply(data, (size_t)len, path, command, flags, err);
}
