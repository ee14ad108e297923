/* completion: what may stand on the command line that is being typed. The shell's part is a few lines which hand over the
 * words so far; the answer is made here, from the tables of verbs and flags, and from the depot itself. */
#include "common/ops/operations.h"
#include "depotctl/failed.h"
#include "depotctl/flags.h"
#include "depotctl/signals.h"
#include "depotctl/verbs.h"

#include <stdio.h>
#include <string.h>

/* Two answers are not words but requests to the shell, which knows how to complete paths. */
#define ANSWER_FILES ":files"
#define ANSWER_DIRECTORIES ":directories"

static void print_script(void)
{
	fputs("# Completion of depotctl for bash, made by 'depotctl completion bash'.\n"
	      "_depotctl() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	      "\t[[ $cur == = ]] && cur=''\n"
	      "\tmapfile -t COMPREPLY < <(\n"
	      "\t\t\"${COMP_WORDS[0]}\" completion bash \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null\n"
	      "\t)\n"
	      "\tcase ${COMPREPLY[0]} in\n"
	      "\t" ANSWER_FILES ") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	      "\t" ANSWER_DIRECTORIES ") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	      "\t*=) compopt -o nospace ;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -F _depotctl depotctl\n",
		stdout);
}

/* What the words before the last one mean. */
struct typed {
	const struct verb *verb;
	const struct flag *flag; /* whose value is to come */
	const char *handle;      /* the first argument */
	size_t arguments;
	const char *last; /* the word to complete, perhaps empty */
};

static const struct flag *find_flag(const char *word)
{
	for (size_t i = 0; i < flag_count; i++)
		if ((word[1] == '-' && strcmp(word + 2, flags[i].name) == 0) ||
			(word[1] && word[1] == flags[i].letter && !word[2]))
			return &flags[i];
	return NULL;
}

/* A value that is asked for here counts here too: the depot whose containers are completed. */
static void take_value(struct options *options, struct typed *typed, const char *word)
{
	struct error ignored;

	if (strcmp(word, "=") == 0) /* bash makes three words of --flag=value */
		return;
	(void)typed->flag->take((char *)options + typed->flag->where, word,
		&ignored); /* half typed things are no mistake */
	typed->flag = NULL;
}

static void take_word(struct options *options, struct typed *typed, const char *word)
{
	if (typed->flag) {
		take_value(options, typed, word);
	} else if (*word == '-') {
		typed->flag = find_flag(word);
		if (typed->flag && !typed->flag->value)
			typed->flag = NULL;
	} else if (!typed->verb) {
		typed->verb = verb_find(word);
	} else if (typed->arguments++ == 0) {
		typed->handle = word;
	}
}

static void answer(const struct typed *typed, const char *word)
{
	if (strncmp(word, typed->last, strlen(typed->last)) == 0)
		puts(word);
}

static void answer_value(const struct typed *typed)
{
	switch (typed->flag->completion) {
	case COMPLETE_NOTHING: break;
	case COMPLETE_FILE: puts(ANSWER_FILES); break;
	case COMPLETE_DIRECTORY: puts(ANSWER_DIRECTORIES); break;
	case COMPLETE_RLIMIT:
		for (int i = 0; i < RLIMITS; i++) {
			autofree char *word = xprintf("%s=", rlimit_names[i]);

			answer(typed, word);
		}
		break;
	}
}

static void answer_flags(const struct typed *typed)
{
	unsigned groups = FLAGS_EVERY | (typed->verb ? typed->verb->flags : 0);

	for (size_t i = 0; i < flag_count; i++) {
		autofree char *word = xprintf("--%s", flags[i].name);

		if (flags[i].groups & groups)
			answer(typed, word);
	}
}

static void answer_verbs(const struct typed *typed)
{
	for (size_t i = 0; i < verb_count; i++)
		answer(typed, verbs[i].name);
}

static void answer_handles(const struct settings *settings, const struct typed *typed)
{
	autostrings struct strings handles = { 0 };
	struct error ignored;

	if (container_list(settings, &handles, &ignored) < 0)
		return;
	for (size_t i = 0; i < handles.count; i++)
		answer(typed, handles.item[i]);
}

static void answer_ids(struct settings *settings, const struct typed *typed)
{
	struct container_info info;
	struct error ignored;

	if (settings_check(settings, &ignored) < 0 || container_info(settings, typed->handle, &info, &ignored) < 0)
		return;
	for (size_t i = 0; i < info.processes.count; i++)
		answer(typed, info.processes.item[i]);
	container_info_free(&info);
}

/* What the verb calls its next argument; the last one may be there several times. NULL when it takes no more. */
static const char *argument_name(const struct typed *typed)
{
	const char *const *names = typed->verb->arguments;
	size_t known = 0;

	while (known < typed->arguments && names[known])
		known++;
	if (names[known])
		return names[known];
	return known > 0 && strstr(names[known - 1], "...") ? names[known - 1] : NULL;
}

static void answer_argument(struct options *options, const struct typed *typed)
{
	const char *name = argument_name(typed);

	if (!name)
		return;
	if (strstr(name, "HANDLE"))
		answer_handles(&options->settings, typed);
	else if (strcmp(name, "ID") == 0)
		answer_ids(&options->settings, typed);
	else if (strcmp(name, "SIGNAL") == 0)
		for (size_t i = 0; i < signal_name_count; i++)
			answer(typed, signal_names[i].name);
	else if (strcmp(name, "[COMMAND]") == 0) /* of help; run's is a program of the container */
		answer_verbs(typed);
	else if (strcmp(name, "SHELL") == 0)
		answer(typed, "bash");
}

static void answer_words(struct options *options, char *const *words, size_t count)
{
	struct typed typed = { .last = strcmp(words[count - 1], "=") == 0 ? "" : words[count - 1] };

	for (size_t i = 0; i + 1 < count; i++)
		take_word(options, &typed, words[i]);
	if (typed.flag)
		answer_value(&typed);
	else if (typed.verb && typed.verb->command_line && typed.arguments > 1)
		return; /* another program's command line */
	else if (*typed.last == '-')
		answer_flags(&typed);
	else if (typed.verb)
		answer_argument(options, &typed);
	else
		answer_verbs(&typed);
}

int verb_completion(struct options *options)
{
	struct error err;

	if (strcmp(options->args[0], "bash") != 0) {
		fail(&err, "no completion for '%s', only for bash", options->args[0]);
		return misused(options, &err);
	}
	if (options->arg_count == 1)
		print_script();
	else
		answer_words(options, options->args + 1, options->arg_count - 1);
	return 0;
}
