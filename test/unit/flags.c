/* The command line and the configuration file of the daemon as functions, for guardian-flags.bats.
 *
 *	flags parse NAME ARGS...    what the program called NAME makes of its arguments: lines "command NAME", "component NAME",
 *	                            "error TEXT", "flag NAME JSON", "setting NAME JSON"; or what it would print
 *	flags duration TEXT...      the durations, written again
 *	flags quote TEXT...         the texts in quotes, and without them again
 *	flags listed ID LIST...     whether an id is in a list of decimals */
#include "common/base/json.h"
#include "common/base/object.h"
#include "guardian/arguments.h"
#include "guardian/duration.h"
#include "guardian/quote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_object *value_of(struct flags *flags, const struct flag *flag)
{
	void *variable = flag_variable(flags, flag);

	if (flag->list)
		return json_of_strings(variable);
	switch (flag->type->storage) {
	case VALUE_BOOL: return json_object_new_boolean(*(bool *)variable);
	case VALUE_TEXT: return *(char **)variable ? json_object_new_string(*(char **)variable) : NULL;
	case VALUE_UNSIGNED: return json_object_new_uint64(*(uint64_t *)variable);
	case VALUE_SIGNED: return json_object_new_int64(*(int64_t *)variable);
	case VALUE_FLOAT: return json_object_new_double(*(double *)variable);
	}
	return NULL;
}

static void print_all(const char *kind, json_object *all)
{
	json_object_object_foreach(all, name, value)
	{
		printf("%s %s %s\n", kind, name,
			json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

static void print_flags(struct flags *flags)
{
	autojson json_object *all = json_object_new_object();

	for (size_t i = 0; i < flag_count; i++)
		json_object_object_add(all, flag_table[i].name, value_of(flags, &flag_table[i]));
	print_all("flag", all);
}

static json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static void print_settings(const struct flags *flags)
{
	autojson json_object *object = json_object_new_object();
	struct settings settings;

	flags_settings(flags, &settings);
	json_object_object_add(object, "depot", text_or_null(settings.depot));
	json_object_object_add(object, "state_dir", text_or_null(settings.state_dir));
	json_object_object_add(object, "runtime", text_or_null(settings.runtime));
	json_object_object_add(object, "runtime_extra_args", json_of_strings(&settings.runtime_extra_args));
	json_object_object_add(object, "dadoo", text_or_null(settings.dadoo));
	json_object_object_add(object, "init", text_or_null(settings.init));
	json_object_object_add(object, "nstar", text_or_null(settings.nstar));
	json_object_object_add(object, "tar", text_or_null(settings.tar));
	object_add_unsigned(object, "uid_map_start", settings.uid_map_start);
	object_add_unsigned(object, "uid_map_length", settings.uid_map_length);
	object_add_unsigned(object, "gid_map_start", settings.gid_map_start);
	object_add_unsigned(object, "gid_map_length", settings.gid_map_length);
	json_object_object_add(object, "apparmor", text_or_null(settings.apparmor));
	json_object_object_add(object, "no_new_privileges", json_object_new_boolean(settings.no_new_privileges));
	json_object_object_add(object, "disable_privileged_containers",
		json_object_new_boolean(settings.disable_privileged_containers));
	json_object_object_add(object, "cleanup_process_dirs_on_wait",
		json_object_new_boolean(settings.cleanup_process_dirs_on_wait));
	json_object_object_add(object, "disable_swap_limit", json_object_new_boolean(settings.disable_swap_limit));
	json_object_object_add(object, "tag", text_or_null(settings.tag));
	json_object_object_add(object, "device_rules", json_of_strings(&settings.device_rules));
	object_add_unsigned(object, "tcp_keepalive_time", settings.tcp_keepalive_time);
	object_add_unsigned(object, "tcp_keepalive_interval", settings.tcp_keepalive_interval);
	object_add_unsigned(object, "tcp_keepalive_probes", settings.tcp_keepalive_probes);
	object_add_unsigned(object, "tcp_retries1", settings.tcp_retries1);
	object_add_unsigned(object, "tcp_retries2", settings.tcp_retries2);
	object_add_unsigned(object, "max_containers", settings.max_containers);
	object_add_unsigned(object, "cpu_quota_per_share", settings.cpu_quota_per_share);
	object_add_unsigned(object, "default_blockio_weight", settings.default_blockio_weight);
	object_add_int(object, "step_seconds", settings.step_seconds);
	object_add_int(object, "lock_seconds", settings.lock_seconds);
	settings_free(&settings);
	print_all("setting", object);
}

static int parse(int argc, char **argv)
{
	struct error err = { 0 };
	struct ending ending;
	struct flags flags;
	enum command command = arguments_parse(argc, argv, &flags, &ending);

	if (command == COMMAND_NONE) {
		fputs(text_string(&ending.out), stdout);
		fputs(text_string(&ending.err), stderr);
	} else {
		printf("command %s\ncomponent %s\n", command_name(command), command_component(command));
		if (flags_check(&flags, &err) < 0)
			printf("error %s\n", err.text);
		print_flags(&flags);
		print_settings(&flags);
	}
	text_free(&ending.out);
	text_free(&ending.err);
	flags_free(&flags);
	return ending.code;
}

static int duration(char **texts)
{
	for (; *texts; texts++) {
		autotext struct text written = { 0 };
		struct error err;
		int64_t ns;

		if (duration_parse(*texts, &ns, &err) < 0) {
			puts(err.text);
			continue;
		}
		duration_add(&written, ns);
		printf("%" PRId64 " %s\n", ns, text_string(&written));
	}
	return 0;
}

static int quoted(char **texts)
{
	for (; *texts; texts++) {
		autofree char *in_quotes = quote(*texts), *without = NULL;
		struct error err;

		without = unquote(**texts == '"' ? *texts : in_quotes, &err);
		printf("%s %s\n", in_quotes, without ? without : err.text);
	}
	return 0;
}

static int listed(char **words)
{
	struct strings list = { words + 1, 0 };

	while (list.item[list.count])
		list.count++;
	return flags_list_id(&list, (unsigned)strtoul(words[0], NULL, 10)) ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "parse") == 0)
		return parse(argc - 2, argv + 2);
	if (argc > 2 && strcmp(argv[1], "duration") == 0)
		return duration(argv + 2);
	if (argc > 2 && strcmp(argv[1], "quote") == 0)
		return quoted(argv + 2);
	if (argc > 3 && strcmp(argv[1], "listed") == 0)
		return listed(argv + 2);
	fputs("usage: flags parse NAME ARGS... | duration TEXT... | quote TEXT... | listed ID LIST...\n", stderr);
	return 1;
}
