#include "guardian/help.h"

#include <string.h>

#define LINE 100 /* columns */
#define COMMAND_INDENT 6
#define GROUP_INDENT 4

void help_usage(struct text *text, const char *program)
{
	text_addf(text,
		"Usage of %s:\n"
		"  -config string\n"
		"    \tconfig file path\n"
		"  -v\tprint version\n",
		program);
}

static bool shown(const struct flag *flag, enum command command)
{
	return flag->commands & command & ~flag->hidden;
}

/* "--bind-ip=", "--log-level=[debug|info|error|fatal]", "--skip-setup" */
static void add_name(struct text *text, const struct flag *flag)
{
	text_addf(text, "--%s", flag->name);
	if (flag->type->storage != VALUE_BOOL)
		text_addf(text, "=");
	if (!flag->choices)
		return;
	for (size_t i = 0; flag->choices[i]; i++)
		text_addf(text, "%c%s", i == 0 ? '[' : '|', flag->choices[i]);
	text_addf(text, "]");
}

/* Where explanations begin: behind the longest name. */
static int explanation_column(enum command command)
{
	size_t longest = 0;

	for (size_t i = 0; i < flag_count; i++) {
		autotext struct text name = { 0 };

		add_name(&name, &flag_table[i]);
		if (shown(&flag_table[i], command) && name.len > longest)
			longest = name.len;
	}
	return COMMAND_INDENT + (int)longest + 2;
}

/* Words from column on; text already has something in the line up to there. */
static void add_wrapped(struct text *text, const char *words, int column)
{
	int at = column;

	while (*words) {
		int len = (int)strcspn(words, " ");

		if (at > column && at + 1 + len > LINE) {
			text_addf(text, "\n%*s", column, "");
			at = column;
		}
		text_addf(text, "%s%.*s", at > column ? " " : "", len, words);
		at += len + (at > column);
		words += len + (words[len] == ' ');
	}
}

static void add_row(struct text *text, int indent, const char *name, int column, const char *words)
{
	text_addf(text, "%*s%-*s", indent, "", column - indent, name);
	add_wrapped(text, words, column);
	text_addf(text, "\n");
}

static void add_flag(struct text *text, const struct flag *flag, int column)
{
	autotext struct text name = { 0 }, words = { 0 };

	add_name(&name, flag);
	text_addf(&words, "%s", flag->help);
	if (flag->list)
		text_addf(&words, " (repeatable)");
	if (flag->initial && flag->type->storage != VALUE_BOOL)
		text_addf(&words, " (default: %s)", flag->initial);
	add_row(text, COMMAND_INDENT, text_string(&name), column, text_string(&words));
}

static void add_group(struct text *text, enum flag_group group, enum command command, int column)
{
	bool any = false;

	for (size_t i = 0; i < flag_count; i++) {
		if (flag_table[i].group != group || !shown(&flag_table[i], command))
			continue;
		if (!any && flag_group_names[group])
			text_addf(text, "\n%*s%s:\n", GROUP_INDENT, "", flag_group_names[group]);
		any = true;
		add_flag(text, &flag_table[i], column);
	}
}

void help_command(struct text *text, const char *program, enum command command)
{
	const char *slash = strrchr(program, '/'), *name = command_name(command);
	int column = explanation_column(command);

	text_addf(text, "Usage:\n  %s [OPTIONS] %s [%s-OPTIONS]\n\nApplication Options:\n", slash ? slash + 1 : program,
		name, name);
	add_row(text, COMMAND_INDENT, "--config=", column, "Config file path.");
	text_addf(text, "\nHelp Options:\n");
	add_row(text, 2, "-h, --help", column, "Show this help message");
	text_addf(text, "\n[%s command options]\n", name);
	for (enum flag_group group = GROUP_COMMAND; group < FLAG_GROUPS; group++)
		add_group(text, group, command, column);
}
