#include "guardian/command.h"

#include "common/base/text.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 16 /* letters of a command, and more */

/* In the order in which messages list them. */
static const struct {
	enum command command;
	const char *name, *component;
} commands[] = {
	{ COMMAND_CLEANUP, "cleanup", "guardian-cleanup" },
	{ COMMAND_SERVER, "server", "guardian" },
	{ COMMAND_SETUP, "setup", "guardian-setup" },
};

enum command command_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strlen(commands[i].name) == len && memcmp(commands[i].name, name, len) == 0)
			return commands[i].command;
	return COMMAND_NONE;
}

const char *command_name(enum command command)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].command == command)
			return commands[i].name;
	return "";
}

const char *command_component(enum command command)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].command == command)
			return commands[i].component;
	return "guardian";
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters of typed are to be changed, added or left out to give name; at most as many as it has. */
static size_t distance(const char *typed, const char *name)
{
	size_t row[LONGEST], letters = strlen(typed), columns = strlen(name);

	for (size_t column = 0; column <= columns; column++)
		row[column] = column;
	for (size_t i = 0; i < letters; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t column = 1; column <= columns; column++) {
			size_t above = row[column];

			if (typed[i] == name[column - 1])
				row[column] = diagonal;
			else
				row[column] = 1 + least(diagonal, least(above, row[column - 1]));
			diagonal = above;
		}
	}
	return letters ? least(row[columns], letters) : columns;
}

/* NULL if none is near enough to be meant. */
static const char *nearest_command(const char *typed)
{
	const char *nearest = commands[0].name;
	size_t fewest = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t slips = distance(typed, commands[i].name);

		if (slips < fewest) {
			fewest = slips;
			nearest = commands[i].name;
		}
	}
	return 2 * fewest < strlen(nearest) ? nearest : NULL;
}

/* "cleanup, server or setup" */
static void add_commands(struct text *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		text_addf(text, "%s%s", i == 0 ? "" : i + 1 < ARRAY_SIZE(commands) ? ", " : " or ", commands[i].name);
}

int command_refuse(const char *word, struct error *err)
{
	autotext struct text all = { 0 };
	const char *nearest = word ? nearest_command(word) : NULL;

	if (nearest)
		return fail(err, "Unknown command `%s', did you mean `%s'?", word, nearest);
	add_commands(&all);
	if (word)
		return fail(err, "Unknown command `%s'. Please specify one command of: %s", word, text_string(&all));
	return fail(err, "Please specify one command of: %s", text_string(&all));
}
