#include "guardian/arguments.h"

#include "common/base/utf8.h"
#include "guardian/config.h"
#include "guardian/help.h"
#include "guardian/quote.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Two stages, as with the server that had this command line first: a few words before the command, with messages of their own
 * and exit code 2; then the command and its flags, with exit code 1. getopt_long would not do: it takes abbreviations, and
 * takes the next flag for a value that was forgotten. */
enum { EXIT_COMMAND = 1, EXIT_BEFORE_COMMAND = 2 };

struct arguments {
	const char *program;
	char **word; /* those to come, ended by NULL */
	const char *config;
	enum command command;
	struct flags *flags;
	bool *given; /* by place in the table: on the command line */
	struct ending *ending;
};

/* Accepted behind the command too, where it comes too late to have an effect. */
static const struct flag config_flag = { .name = "config", .type = &value_text };

/* Each of these returns -1: the program ends. */
static int refuse(struct arguments *arguments, const struct error *err)
{
	arguments->ending->code = EXIT_COMMAND;
	text_addf(&arguments->ending->err, "%s\n", err->text);
	return -1;
}

static int refuse_before_command(struct arguments *arguments, const struct error *err)
{
	refuse(arguments, err);
	arguments->ending->code = EXIT_BEFORE_COMMAND;
	help_usage(&arguments->ending->err, arguments->program);
	return -1;
}

static int show_usage(struct arguments *arguments)
{
	help_usage(&arguments->ending->err, arguments->program);
	return -1;
}

static int show_help(struct arguments *arguments)
{
	arguments->ending->code = EXIT_COMMAND;
	help_command(&arguments->ending->out, arguments->program, arguments->command);
	return -1;
}

/* VERSION comes from the Makefile. */
static int show_version(struct arguments *arguments)
{
	text_addf(&arguments->ending->out, "%s\n", VERSION);
	return -1;
}

static bool is(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(name, word, len) == 0;
}

/* value is what stands behind "=", NULL without one. */
static int take_before_command(struct arguments *arguments, const char *name, size_t len, const char *value,
	bool *version, struct error *err)
{
	autofree char *quoted = NULL;

	if (is(name, len, "config")) {
		if (!value)
			value = *++arguments->word;
		arguments->config = value;
		return value ? 0 : fail(err, "flag needs an argument: -config");
	}
	if (!is(name, len, "v"))
		return fail(err, "flag provided but not defined: -%.*s", (int)len, name);
	if (value_bool.take(version, value ? value : "true", err) == 0)
		return 0;
	quoted = quote(value);
	return fail(err, "invalid boolean value %s for -v: parse error", quoted);
}

/* Up to the first word that is no flag, one dash or two. */
static int take_first_stage(struct arguments *arguments)
{
	bool version = false;
	struct error err;

	for (; *arguments->word; arguments->word++) {
		const char *word = *arguments->word, *name, *value;
		size_t len;

		if (word[0] != '-' || !word[1] || strcmp(word, "--") == 0)
			break;
		name = word + (word[1] == '-' ? 2 : 1);
		len = strcspn(name, "=");
		value = name[len] ? name + len + 1 : NULL;
		if (is(name, len, "h") || is(name, len, "help"))
			return show_usage(arguments);
		if ((len == 0 || *name == '-' ? fail(&err, "bad flag syntax: %s", word)
					      : take_before_command(arguments, name, len, value, &version, &err)) < 0)
			return refuse_before_command(arguments, &err);
	}
	return version ? show_version(arguments) : 0;
}

static bool looks_like_flag(const char *word)
{
	return word[0] == '-' && word[1] && (word[1] != '-' || (word[2] && word[2] != '-'));
}

/* The value in a word of its own; NULL with err when there is none. */
static const char *next_value(struct arguments *arguments, const struct flag *flag, struct error *err)
{
	const char *word = arguments->word[1];
	bool is_signed = flag->type->storage == VALUE_SIGNED || flag->type->storage == VALUE_FLOAT;

	if (!word)
		fail(err, "expected argument for flag `--%s'", flag->name);
	else if (strcmp(word, "--") == 0)
		fail(err, "expected argument for flag `--%s', but got double dash `--'", flag->name);
	else if (looks_like_flag(word) && !(is_signed && isdigit((unsigned char)word[1])))
		fail(err, "expected argument for flag `--%s', but got option `%s'", flag->name, word);
	else
		return *++arguments->word;
	return NULL;
}

/* What is given here takes the place of what the file says: of a list, all of it. */
static int keep_value(struct arguments *arguments, const struct flag *flag, const char *value, struct error *err)
{
	bool *given = &arguments->given[flag - flag_table];

	if (flag->list && !*given)
		strings_free(flag_variable(arguments->flags, flag));
	*given = true;
	return flag_take(arguments->flags, flag, value, err);
}

static int invalid(const struct flag *flag, struct error *err)
{
	return wrap(err, "invalid argument for flag `--%s' (expected %s%s)", flag->name, flag->list ? "[]" : "",
		flag->type->name);
}

/* value is what stands behind "=", NULL without one. */
static int take_flag(struct arguments *arguments, const struct flag *flag, const char *value, struct error *err)
{
	autofree char *unquoted = NULL;

	if (flag->type->storage == VALUE_BOOL) {
		if (value)
			return fail(err, "bool flag `--%s' cannot have an argument", flag->name);
		return keep_value(arguments, flag, "true", err);
	}
	if (!value)
		value = next_value(arguments, flag, err);
	if (!value)
		return -1;
	if (*value == '"') {
		value = unquoted = unquote(value, err);
		if (!value)
			return invalid(flag, err);
	}
	if (flag == &config_flag || keep_value(arguments, flag, value, err) == 0)
		return 0;
	return flag->choices ? -1 : invalid(flag, err); /* a wrong choice is told in a sentence of its own */
}

static int take_long_flag(struct arguments *arguments, const char *word)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct flag *flag = flag_find(name, len, arguments->command);
	struct error err;

	if (is(name, len, "config"))
		flag = &config_flag;
	if (is(name, len, "help") && !value)
		return show_help(arguments);
	if (is(name, len, "help"))
		fail(&err, "bool flag `-h, --help' cannot have an argument");
	else if (!flag)
		fail(&err, "unknown flag `%.*s'", (int)len, name);
	else if (take_flag(arguments, flag, value, &err) == 0)
		return 0;
	return refuse(arguments, &err);
}

/* There is but one letter. */
static int take_letter(struct arguments *arguments, const char *letter)
{
	struct error err;
	size_t len = utf8_length(letter, strlen(letter));

	if (*letter == 'h' && letter[1] != '=')
		return show_help(arguments);
	if (*letter == 'h')
		fail(&err, "bool flag `-h, --help' cannot have an argument");
	else
		fail(&err, "unknown flag `%.*s'", len ? (int)len : 1, letter);
	return refuse(arguments, &err);
}

/* Words that are no flags are passed over. */
static int take_second_stage(struct arguments *arguments)
{
	for (; *arguments->word && strcmp(*arguments->word, "--") != 0; arguments->word++) {
		const char *word = *arguments->word;

		if (!looks_like_flag(word))
			continue;
		if ((word[1] == '-' ? take_long_flag(arguments, word) : take_letter(arguments, word + 1)) < 0)
			return -1;
	}
	return 0;
}

static int take_config(struct arguments *arguments)
{
	struct error err;

	if (!arguments->config || !*arguments->config)
		return 0;
	if (config_load(arguments->config, arguments->command, arguments->flags, &err) == 0)
		return 0;
	return refuse(arguments, &err);
}

static int take_command(struct arguments *arguments)
{
	const char *word = *arguments->word;
	struct error err;

	if (word && strcmp(word, "--") == 0)
		word = NULL;
	arguments->command = word ? command_find(word, strlen(word)) : COMMAND_NONE;
	if (take_config(arguments) < 0)
		return -1;
	if (arguments->command == COMMAND_NONE) {
		command_refuse(word, &err);
		return refuse(arguments, &err);
	}
	arguments->word++;
	return take_second_stage(arguments);
}

enum command arguments_parse(int argc, char **argv, struct flags *flags, struct ending *ending)
{
	autofree bool *given = xmalloc(flag_count * sizeof *given);
	struct arguments arguments = {
		.program = argc > 0 ? argv[0] : "gdn",
		.word = argv + (argc > 0),
		.flags = flags,
		.given = given,
		.ending = ending,
	};

	*ending = (struct ending){ 0 };
	flags_default(flags);
	if (take_first_stage(&arguments) < 0 || take_command(&arguments) < 0)
		return COMMAND_NONE;
	return arguments.command;
}
