#include "depotctl/help.h"

#include "common/base/text.h"
#include "depotctl/failed.h"
#include "depotctl/flags.h"

#include <string.h>

#define FLAG_COLUMN 34 /* where the explanations of flags begin */

void help_usage(FILE *out, const struct verb *verb)
{
	fprintf(out, "usage: depotctl %s [flags]", verb->name);
	for (size_t i = 0; verb->arguments[i]; i++)
		fprintf(out, " %s", verb->arguments[i]);
	fputc('\n', out);
}

static void print_flag(const struct flag *flag)
{
	autotext struct text left = { 0 };

	if (flag->letter)
		text_addf(&left, "  -%c, --%s", flag->letter, flag->name);
	else
		text_addf(&left, "      --%s", flag->name);
	if (flag->value)
		text_addf(&left, " %s", flag->value);
	if (left.len + 2 > FLAG_COLUMN)
		printf("%s\n%*s%s\n", text_string(&left), FLAG_COLUMN, "", flag->help);
	else
		printf("%-*s%s\n", FLAG_COLUMN, text_string(&left), flag->help);
}

static void print_flags(const char *title, unsigned groups)
{
	bool any = false;

	for (size_t i = 0; i < flag_count; i++) {
		if (!(flags[i].groups & groups))
			continue;
		if (!any)
			printf("\n%s\n", title);
		any = true;
		print_flag(&flags[i]);
	}
}

static void print_verb(const struct verb *verb)
{
	help_usage(stdout, verb);
	printf("\n%s.\n", verb->summary);
	if (verb->details)
		printf("\n%s", verb->details);
	print_flags("Flags:", verb->flags & ~(unsigned)FLAGS_NEW);
	print_flags(verb->flags & FLAGS_RUN ? "Flags for the container that --rm makes:" : "Flags for the container:",
		verb->flags & FLAGS_NEW);
	puts("\n'depotctl help' has the flags of every command.");
}

static void print_verbs(void)
{
	puts("usage: depotctl [flags] COMMAND [flags] [arguments]\n\n"
	     "Does what can be done with the containers of a depot, whether the daemon runs or not.\n\n"
	     "Commands ('depotctl help COMMAND' for more):");
	for (size_t i = 0; i < verb_count; i++)
		printf("  %-12s%s\n", verbs[i].name, verbs[i].summary);
	print_flags("Flags of every command, before or behind its name:", FLAGS_EVERY);
	printf("\nExit codes:\n"
	       "  0    done\n"
	       "  %d  a mistake on the command line, or the operation failed; standard error says what\n"
	       "  %d  run: the program is there but cannot be executed\n"
	       "  %d  run: there is no such program in the container\n"
	       "  run, attach and wait otherwise exit as the process did: with its status, or 128 plus its signal's number.\n",
		EXIT_OURS, EXIT_CANNOT_EXECUTE, EXIT_NOT_FOUND);
}

void help_print(const struct verb *verb)
{
	if (verb)
		print_verb(verb);
	else
		print_verbs();
}

int verb_help(struct options *options)
{
	const struct verb *verb = options->arg_count > 0 ? verb_find(options->args[0]) : NULL;
	struct error err;

	if (options->arg_count > 0 && !verb) {
		fail(&err, "unknown command '%s'", options->args[0]);
		return misused(options, &err);
	}
	help_print(verb);
	return 0;
}
