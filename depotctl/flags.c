#include "depotctl/flags.h"

#include "depotctl/suggest.h"
#include "depotctl/values.h"
#include "depotctl/verbs.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct options, member)

/* Values without a row of their own use the offset of a whole spec: bind mounts, window and rlimits fill several members. */
const struct flag flags[] = {
	{ "depot", 0, "DIR", take_path, AT(settings.depot), FLAGS_EVERY, COMPLETE_DIRECTORY,
		"the depot (else GDN_DEPOT from the environment, else /var/run/gdn/depot)" },
	{ "json", 0, NULL, take_yes, AT(json), FLAGS_EVERY, 0, "print JSON for programs in place of text for people" },
	{ "verbose", 'v', NULL, take_yes, AT(verbose), FLAGS_EVERY, 0, "say on standard error what is being done" },
	{ "help", 'h', NULL, take_yes, AT(help), FLAGS_EVERY, 0, "print help on the command" },
	{ "version", 0, NULL, take_yes, AT(version), FLAGS_EVERY, 0, "print the version" },
	{ "runtime-plugin", 0, "RUNTIME", take_text, AT(settings.runtime), FLAGS_EVERY, COMPLETE_FILE,
		"the OCI runtime for new containers (else GDN_RUNTIME from the environment, else runc)" },
	{ "runtime-root", 0, "DIR", take_path, AT(settings.runtime_root), FLAGS_EVERY, COMPLETE_DIRECTORY,
		"where the runtime keeps its state" },
	{ "dadoo-bin", 0, "FILE", take_path, AT(settings.dadoo), FLAGS_EVERY, COMPLETE_FILE,
		"the process supervisor (else beside depotctl)" },
	{ "init-bin", 0, "FILE", take_path, AT(settings.init), FLAGS_EVERY, COMPLETE_FILE,
		"what runs as pid 1 of a container (else beside depotctl)" },
	{ "nstar-bin", 0, "FILE", take_path, AT(settings.nstar), FLAGS_EVERY, COMPLETE_FILE,
		"what streams files in and out (else beside depotctl)" },
	{ "step-timeout", 0, "SECONDS", take_limit_seconds, AT(settings.step_seconds), FLAGS_EVERY, 0,
		"the most that one command of the runtime or a helper may take" },
	{ "lock-timeout", 0, "SECONDS", take_seconds, AT(settings.lock_seconds), FLAGS_EVERY, 0,
		"the most to wait for another operation on the same container" },

	{ "rootfs", 0, "DIR", take_path, AT(container.rootfs), FLAGS_NEW, COMPLETE_DIRECTORY, "its root filesystem" },
	{ "handle", 0, "HANDLE", take_text, AT(container.handle), FLAGS_NEW, 0, "its name (else a random one)" },
	{ "privileged", 0, NULL, take_yes, AT(container.privileged), FLAGS_NEW, 0, "root inside is root outside" },
	{ "bind-mount", 0, "SOURCE:DESTINATION[:MODE]", take_bind_mount, AT(container), FLAGS_NEW, COMPLETE_FILE,
		"show a path of the host in the container; MODE is ro, the default, or rw (repeatable)" },
	{ "hostname", 0, "NAME", take_text, AT(container.hostname), FLAGS_NEW, 0, "its host name (else the handle)" },
	{ "memory", 0, "SIZE", take_size, AT(container.limits.memory_bytes), FLAGS_NEW, 0,
		"limit of memory, in bytes or with K, M, G or T behind the number" },
	{ "cpu-shares", 0, "NUMBER", take_u64, AT(container.limits.cpu_shares), FLAGS_NEW, 0,
		"weight against other containers when processors are short" },
	{ "pids", 0, "NUMBER", take_u64, AT(container.limits.pids), FLAGS_NEW, 0, "limit of processes and threads" },
	{ "apparmor", 0, "PROFILE", take_text, AT(settings.apparmor), FLAGS_NEW, 0,
		"AppArmor profile, unless it is privileged" },
	{ "no-new-privileges", 0, NULL, take_yes, AT(settings.no_new_privileges), FLAGS_NEW, 0,
		"set-user-id programs gain nothing, unless it is privileged" },
	{ "uid-map-start", 0, "UID", take_u32, AT(settings.uid_map_start), FLAGS_NEW, 0,
		"host's user id for 1 inside" },
	{ "uid-map-length", 0, "NUMBER", take_u32, AT(settings.uid_map_length), FLAGS_NEW, 0, "how many user ids" },
	{ "gid-map-start", 0, "GID", take_u32, AT(settings.gid_map_start), FLAGS_NEW, 0,
		"host's group id for 1 inside" },
	{ "gid-map-length", 0, "NUMBER", take_u32, AT(settings.gid_map_length), FLAGS_NEW, 0, "how many group ids" },

	{ "env", 'e', "NAME=VALUE", take_env, AT(env), FLAGS_ENV, 0, "a variable of the environment (repeatable)" },

	{ "tty", 't', NULL, take_yes, AT(process.terminal), FLAGS_RUN, 0, "give the process a terminal" },
	{ "interactive", 'i', NULL, take_yes, AT(interactive), FLAGS_RUN, 0,
		"with --detach: keep standard input open for a later attach (else it is always connected)" },
	{ "detach", 'd', NULL, take_yes, AT(detach), FLAGS_RUN, 0, "print the process's id and leave it running" },
	{ "rm", 0, NULL, take_yes, AT(remove), FLAGS_RUN, 0,
		"create a container for this command alone, and destroy it afterwards" },
	{ "id", 0, "ID", take_text, AT(process.id), FLAGS_RUN, 0, "the process's id (else a random one)" },
	{ "dir", 'w', "DIR", take_text, AT(process.dir), FLAGS_RUN, 0, "working directory (else the user's home)" },
	{ "window", 0, "COLUMNSxROWS", take_window, AT(process), FLAGS_RUN, 0,
		"size of the process's terminal (else it follows ours)" },
	{ "rlimit", 0, "NAME=NUMBER", take_rlimit, AT(process), FLAGS_RUN, COMPLETE_RLIMIT,
		"a resource limit, soft and hard; NUMBER may be 'unlimited' (repeatable)" },
	{ "user", 'u', "USER", take_text, AT(user), FLAGS_USER, 0,
		"who it is done as: NAME; for run also UID, NAME:GROUP or UID:GID" },
	{ "forget", 0, NULL, take_yes, AT(forget), FLAGS_FORGET, 0,
		"remove the process's directory once its exit status is known" },

	{ "no-stdin", 0, NULL, take_yes, AT(no_stdin), FLAGS_ATTACH, 0, "only look: pass no input on" },
	{ "timeout", 0, "SECONDS", take_seconds, AT(timeout_seconds), FLAGS_WAIT, 0, "wait no longer; 0 just looks" },
	{ "kill", 0, NULL, take_yes, AT(kill), FLAGS_STOP, 0, "SIGKILL at once, without SIGTERM before" },
	{ "all", 'a', NULL, take_yes, AT(all), FLAGS_DESTROY, 0, "every container of the depot" },
	{ "quiet", 'q', NULL, take_yes, AT(quiet), FLAGS_QUIET, 0, "names only, one a line" },
};
const size_t flag_count = ARRAY_SIZE(flags);

/* getopt_long's value of a long flag is this plus its place in the table; a letter stands for itself. */
#define LONG_FIRST 256

static const struct flag *flag_of(int value)
{
	if (value >= LONG_FIRST)
		return &flags[value - LONG_FIRST];
	for (size_t i = 0; i < flag_count; i++)
		if (flags[i].letter == value)
			return &flags[i];
	return NULL;
}

struct getopt_tables {
	struct option longs[ARRAY_SIZE(flags) + 1];
	char shorts[2 * ARRAY_SIZE(flags) + 3];
};

/* Into empty tables. A leading '+' ends the flags at the first argument. The ':' makes getopt_long tell a missing value from an unknown flag. */
static void make_tables(struct getopt_tables *tables, unsigned groups, bool stop_at_argument)
{
	char *letter = tables->shorts;
	size_t count = 0;

	if (stop_at_argument)
		*letter++ = '+';
	*letter++ = ':';
	for (size_t i = 0; i < flag_count; i++) {
		if (!(flags[i].groups & groups))
			continue;
		tables->longs[count++] = (struct option){ flags[i].name,
			flags[i].value ? required_argument : no_argument, NULL, LONG_FIRST + (int)i };
		if (!flags[i].letter)
			continue;
		*letter++ = flags[i].letter;
		if (flags[i].value)
			*letter++ = ':';
	}
}

/* A flag that getopt_long does not know here: one of another command, a misspelt one, or one with a value too many. */
static int refuse(const char *word, const struct verb *verb, unsigned groups, struct error *err)
{
	const char *names[ARRAY_SIZE(flags)], *meant;
	size_t count = 0, len = strcspn(word, "=");

	if (optopt >= LONG_FIRST)
		return fail(err, "--%s takes no value", flag_of(optopt)->name);
	if (optopt)
		return fail(err, "unknown flag -%c", optopt);
	for (size_t i = 0; i < flag_count; i++) {
		if (flags[i].groups & groups)
			names[count++] = flags[i].name;
		else if (strlen(flags[i].name) == len - 2 && memcmp(flags[i].name, word + 2, len - 2) == 0)
			return fail(err,
				verb ? "--%s is not for this command" : "--%s stands behind the command it is for",
				flags[i].name);
	}
	autofree char *name = xprintf("%.*s", (int)len - 2, word + 2);
	meant = suggest(name, names, count);
	return fail(err, meant ? "unknown flag --%s; did you mean --%s?" : "unknown flag --%s", name, meant);
}

/* Takes the flags of argv, whose first word is skipped, and returns the place of the first argument behind them. */
static int take_flags(struct options *options, int argc, char **argv, unsigned groups, bool stop_at_argument,
	struct error *err)
{
	struct getopt_tables tables = { 0 };
	const struct flag *flag;
	int value;

	make_tables(&tables, groups, stop_at_argument);
	opterr = 0;
	optind = 0; /* start anew, also inside a word of letters */
	while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) >= 0) {
		if (value == '?')
			return refuse(argv[optind - 1], options->verb, groups, err);
		flag = flag_of(value == ':' ? optopt : value);
		if (value == ':')
			return fail(err, "--%s needs a value, %s", flag->name, flag->value);
		if (flag->take((char *)options + flag->where, optarg, err) < 0)
			return wrap(err, "--%s", flag->name);
		if (flag->groups & FLAGS_NEW)
			options->new_flag = flag->name;
	}
	return optind;
}

static int unknown_verb(const char *name, struct error *err)
{
	const char **names = xmalloc(verb_count * sizeof *names), *meant;

	for (size_t i = 0; i < verb_count; i++)
		names[i] = verbs[i].name;
	meant = suggest(name, names, verb_count);
	free(names);
	return fail(err, meant ? "unknown command '%s'; did you mean '%s'?" : "unknown command '%s'", name, meant);
}

static int check_arguments(const struct options *options, struct error *err)
{
	/* A container that run makes itself has no handle to be named by. */
	const char *const *argument = options->verb->arguments + (options->remove ? 1 : 0);
	size_t given = options->arg_count, known = 0;

	for (; argument[known]; known++)
		if (known >= given && argument[known][0] != '[')
			return fail(err, "%s is missing", argument[known]);
	if (given > known && !(known > 0 && strstr(argument[known - 1], "...")))
		return fail(err, "unexpected argument '%s'", options->args[known]);
	return 0;
}

static int parse_verb(struct options *options, int argc, char **argv, struct error *err)
{
	int first;

	options->verb = verb_find(argv[0]);
	if (!options->verb)
		return unknown_verb(argv[0], err);
	first = take_flags(options, argc, argv, options->verb->flags | FLAGS_EVERY, options->verb->command_line, err);
	if (first < 0)
		return -1;
	options->args = argv + first;
	options->arg_count = (size_t)(argc - first);
	if (options->help || options->version)
		return 0;
	if (options->json && !options->verb->json)
		return fail(err, "--json is not for this command");
	return check_arguments(options, err);
}

static void from_environment(char **knob, const char *variable)
{
	const char *value = getenv(variable);

	if (value && *value)
		settings_set(knob, value);
}

int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	int first;

	*options = (struct options){ .timeout_seconds = -1 };
	settings_default(&options->settings);
	from_environment(&options->settings.depot, "GDN_DEPOT");
	from_environment(&options->settings.runtime, "GDN_RUNTIME");
	first = take_flags(options, argc, argv, FLAGS_EVERY, true, err);
	if (first < 0)
		return -1;
	return first < argc ? parse_verb(options, argc - first, argv + first, err) : 0;
}
