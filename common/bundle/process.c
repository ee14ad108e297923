/* The process object that an exec is given: members in the order of the contract. */
#include "common/bundle/bundle.h"

#include "common/base/object.h"
#include "common/bundle/capabilities.h"
#include "common/bundle/env.h"

#include <ctype.h>

const char *const rlimit_names[RLIMITS] = { "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
	"nice", "nofile", "nproc", "rss", "rtprio", "sigpending", "stack" };

static json_object *console_size(const struct process_spec *spec)
{
	json_object *size = json_object_new_object();

	object_add_int(size, "height", spec->window_given ? spec->rows : 24);
	object_add_int(size, "width", spec->window_given ? spec->columns : 80);
	return size;
}

static json_object *user_of(const struct user *user, const char *name)
{
	json_object *made = json_object_new_object();

	object_add_int(made, "uid", user->uid);
	object_add_int(made, "gid", user->gid);
	if (user->group_count) {
		json_object *groups = json_object_new_array();

		for (size_t i = 0; i < user->group_count; i++)
			array_add(groups, json_object_new_int64(user->groups[i]));
		object_add(made, "additionalGids", groups);
	}
	if (*name)
		object_add_string(made, "username", name);
	return made;
}

static json_object *args_of(const struct process_spec *spec)
{
	json_object *args = json_object_new_array();

	array_add_string(args, spec->path);
	for (size_t i = 0; i < spec->args.count; i++)
		array_add_string(args, spec->args.item[i]);
	return args;
}

static void add_rlimit(json_object *rlimits, const char *name, uint64_t value)
{
	json_object *made = json_object_new_object();
	autofree char *type = xprintf("RLIMIT_%s", name);

	for (char *at = type; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	object_add_string(made, "type", type);
	object_add_unsigned(made, "hard", value);
	object_add_unsigned(made, "soft", value);
	array_add(rlimits, made);
}

static void add_rlimits(json_object *process, const struct process_spec *spec)
{
	autojson json_object *rlimits = json_object_new_array();

	for (size_t i = 0; i < RLIMITS; i++)
		if (spec->rlimit_given[i])
			add_rlimit(rlimits, rlimit_names[i], spec->rlimit[i]);
	if (json_object_array_length(rlimits))
		object_add(process, "rlimits", json_object_get(rlimits));
}

/* What the container's init has been told, every process in it is told too. */
static void inherit(json_object *process, json_object *init, const char *name)
{
	json_object *value = json_member(init, name);

	if (value)
		object_add(process, name, json_object_get(value));
}

int bundle_process(json_object *bundle, const struct process_spec *spec, const struct user *user, const char *cwd,
	struct text *spec_text, struct error *err)
{
	autojson json_object *process = json_object_new_object();
	json_object *init = json_member(bundle, "process");
	json_object *capabilities = capabilities_of_process(json_member(init, "capabilities"), user->gid);
	const char *name = spec->user ? spec->user : "";

	if (spec->terminal)
		object_add(process, "terminal", json_object_new_boolean(true));
	object_add(process, "consoleSize", console_size(spec));
	object_add(process, "user", user_of(user, name));
	object_add(process, "args", args_of(spec));
	object_add(process, "env", env_of_process(json_member(init, "env"), &spec->env, user->uid, name));
	object_add_string(process, "cwd", cwd);
	if (capabilities)
		object_add(process, "capabilities", capabilities);
	add_rlimits(process, spec);
	inherit(process, init, "noNewPrivileges");
	inherit(process, init, "apparmorProfile");
	return object_write(process, spec_text, err);
}
