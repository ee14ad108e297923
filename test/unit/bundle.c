/* The bundle rules as functions, for bundle.bats. A request, a JSON object with every member optional, on standard input:
 *
 *	bundle [compose]        prints the config.json of {"handle", "hostname", ..., "settings": {...}, "host": {...}}
 *	bundle save DIR         the same, into DIR/config.json
 *	bundle process DIR      prints the process object of {"path", "args", ...} for DIR/config.json
 *	bundle facts DIR UID    prints whether it is privileged, its root filesystem, and UID and GID 0 on the host
 *	bundle weight SHARES    prints a weight of cgroup version 2
 *	bundle uid_map TEXT     prints the highest id
 *	bundle kernel RELEASE   prints its major and minor number
 *
 * Without "host" the rules are run for this machine. An error is one line, and status 2 for bad input, else 1. */
#include "common/bundle/bundle.h"
#include "common/base/fd.h"
#include "common/base/object.h"
#include "common/base/say.h"
#include "common/bundle/host.h"
#include "common/bundle/limits.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int usage(void)
{
	fputs("usage: bundle [compose | save DIR | process DIR | facts DIR UID | weight SHARES | uid_map TEXT | kernel RELEASE]\n",
		stderr);
	return 1;
}

static int failed(const struct error *err)
{
	fprintf(stderr, "%s\n", err->text);
	return err->kind == ERROR_BAD_INPUT ? 2 : 1;
}

static json_object *read_request(struct error *err)
{
	autotext struct text bytes = { 0 };
	char some[4096];
	ssize_t n;

	while ((n = read(0, some, sizeof some)) > 0)
		text_add(&bytes, some, (size_t)n);
	if (bytes.len == 0)
		text_addf(&bytes, "{}");
	return json_parse(bytes.data, bytes.len, err);
}

static char *copy(json_object *from, const char *name, const char *otherwise)
{
	if (json_member(from, name))
		return xstrdup(json_string(from, name));
	return otherwise ? xstrdup(otherwise) : NULL;
}

static void fill_spec(json_object *from, struct container_spec *spec)
{
	json_object *binds = json_member(from, "bind_mounts"), *limits = json_member(from, "limits");

	spec->handle = copy(from, "handle", "unit");
	spec->hostname = copy(from, "hostname", NULL);
	spec->rootfs = copy(from, "rootfs", "/rootfs");
	spec->privileged = json_flag(from, "privileged");
	json_to_strings(json_member(from, "image_env"), &spec->image_env);
	json_to_strings(json_member(from, "env"), &spec->env);
	spec->image_mounts = json_object_get(json_member(from, "image_mounts"));
	for (size_t i = 0; binds && i < json_object_array_length(binds); i++) {
		json_object *one = json_object_array_get_idx(binds, i);

		container_spec_bind(spec, json_string(one, "source"), json_string(one, "destination"),
			json_flag(one, "writable"));
	}
	spec->limits.memory_bytes = json_number(limits, "memory_bytes");
	spec->limits.cpu_shares = json_number(limits, "cpu_shares");
	spec->limits.pids = json_number(limits, "pids");
}

static void fill_settings(json_object *from, struct settings *settings)
{
	const struct {
		const char *name;
		uint32_t *number;
	} numbers[] = {
		{ "uid_map_start", &settings->uid_map_start },
		{ "uid_map_length", &settings->uid_map_length },
		{ "gid_map_start", &settings->gid_map_start },
		{ "gid_map_length", &settings->gid_map_length },
		{ "tcp_keepalive_time", &settings->tcp_keepalive_time },
		{ "tcp_keepalive_interval", &settings->tcp_keepalive_interval },
		{ "tcp_keepalive_probes", &settings->tcp_keepalive_probes },
		{ "tcp_retries1", &settings->tcp_retries1 },
		{ "tcp_retries2", &settings->tcp_retries2 },
		{ "default_blockio_weight", &settings->default_blockio_weight },
	};

	settings_default(settings);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (json_member(from, numbers[i].name))
			*numbers[i].number = (uint32_t)json_number(from, numbers[i].name);
	settings_set(&settings->init, json_member(from, "init") ? json_string(from, "init") : "/init");
	settings_set(&settings->tag, json_string(from, "tag"));
	if (json_member(from, "runtime"))
		settings_set(&settings->runtime, json_string(from, "runtime"));
	settings->apparmor = copy(from, "apparmor", NULL);
	settings->no_new_privileges = json_flag(from, "no_new_privileges");
	settings->disable_swap_limit = json_flag(from, "disable_swap_limit");
	settings->cpu_quota_per_share = json_number(from, "cpu_quota_per_share");
	json_to_strings(json_member(from, "device_rules"), &settings->device_rules);
}

/* A machine as the request wants it; what it says nothing of is as on most. */
static void fill_host(json_object *from, size_t bind_count, struct host *host)
{
	json_object *flags = json_member(from, "source_flags"), *kernel = json_member(from, "kernel");

	*host = (struct host){
		.highest_id = 4294967294, .capabilities = UINT64_MAX, .kernel_major = 6, .kernel_minor = 1
	};
	snprintf(host->machine, sizeof host->machine, "%s",
		json_member(from, "machine") ? json_string(from, "machine") : "x86_64");
	if (json_member(from, "highest_id"))
		host->highest_id = json_number(from, "highest_id");
	if (json_member(from, "capabilities"))
		host->capabilities = json_number(from, "capabilities");
	if (kernel) {
		host->kernel_major = (unsigned)json_object_get_int(json_object_array_get_idx(kernel, 0));
		host->kernel_minor = (unsigned)json_object_get_int(json_object_array_get_idx(kernel, 1));
	}
	host->cgroup_v2 = json_flag(from, "cgroup_v2");
	host->bundle_flags = json_number(from, "bundle_flags");
	host->source_flags = xmalloc(bind_count * sizeof *host->source_flags);
	for (size_t i = 0; flags && i < bind_count; i++)
		host->source_flags[i] = json_object_get_uint64(json_object_array_get_idx(flags, i));
	for (uint32_t i = 0; i < TCP_PARAMETERS; i++)
		host->tcp[i] = i + 1;
}

static int compose(json_object *request, json_object **bundle, struct error *err)
{
	struct container_spec spec = { 0 };
	struct settings settings;
	autohost struct host host = { 0 };
	json_object *given = json_member(request, "host");
	autofree char *path = copy(request, "bundle_path", given ? "/depot/unit" : "/tmp");
	int result;

	fill_spec(request, &spec);
	fill_settings(json_member(request, "settings"), &settings);
	if (given) {
		fill_host(given, spec.bind_mount_count, &host);
		result = bundle_compose(&spec, &settings, path, &host, bundle, err);
	} else {
		result = bundle_generate(&spec, &settings, path, bundle, err);
	}
	container_spec_free(&spec);
	settings_free(&settings);
	return result;
}

static int compose_main(const char *dir_path, struct error *err)
{
	autojson json_object *request = read_request(err), *bundle = NULL;
	autoclose int dir = dir_path ? open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	autotext struct text line = { 0 };

	if (!request || compose(request, &bundle, err) < 0)
		return -1;
	if (dir >= 0)
		return bundle_save(dir, bundle, err);
	if (object_write(bundle, &line, err) < 0)
		return -1;
	puts(text_string(&line));
	return 0;
}

static void fill_process(json_object *from, struct process_spec *spec, struct user *user)
{
	json_object *window = json_member(from, "window"), *rlimits = json_member(from, "rlimits");
	json_object *groups = json_member(from, "groups");

	spec->path = copy(from, "path", "true");
	spec->user = copy(from, "user", NULL);
	json_to_strings(json_member(from, "args"), &spec->args);
	json_to_strings(json_member(from, "env"), &spec->env);
	spec->terminal = json_flag(from, "terminal");
	spec->window_given = window != NULL;
	spec->columns = (unsigned)json_number(window, "columns");
	spec->rows = (unsigned)json_number(window, "rows");
	for (size_t i = 0; i < RLIMITS; i++) {
		spec->rlimit_given[i] = json_member(rlimits, rlimit_names[i]) != NULL;
		spec->rlimit[i] = json_number(rlimits, rlimit_names[i]);
	}
	user->uid = (uid_t)json_number(from, "uid");
	user->gid = (gid_t)json_number(from, "gid");
	user->group_count = groups ? json_object_array_length(groups) : 0;
	user->groups = xmalloc(user->group_count * sizeof *user->groups);
	for (size_t i = 0; i < user->group_count; i++)
		user->groups[i] = (gid_t)json_object_get_int64(json_object_array_get_idx(groups, i));
}

static int process_main(int dir, struct error *err)
{
	autojson json_object *request = read_request(err), *bundle = NULL;
	autotext struct text line = { 0 };
	struct process_spec spec = { 0 };
	struct user user = { 0 };
	const char *cwd = json_member(request, "cwd") ? json_string(request, "cwd") : "/";
	int result;

	if (!request || bundle_load(dir, &bundle, err) < 0)
		return -1;
	fill_process(request, &spec, &user);
	result = bundle_process(bundle, &spec, &user, cwd, &line, err);
	fputs(text_string(&line), stdout);
	process_spec_free(&spec);
	free(user.groups);
	return result;
}

static int facts_main(int dir, const char *number, struct error *err)
{
	autojson json_object *bundle = NULL;
	uid_t uid = (uid_t)strtoul(number, NULL, 10);
	gid_t gid = 0;

	if (bundle_load(dir, &bundle, err) < 0)
		return -1;
	bundle_map_ids(bundle, &uid, &gid);
	printf("%s %s %u %u\n", bundle_privileged(bundle) ? "privileged" : "unprivileged", bundle_rootfs(bundle), uid,
		gid);
	return 0;
}

static int number_main(const char *verb, const char *argument, struct error *err)
{
	uint64_t highest;
	unsigned major, minor;

	if (strcmp(verb, "weight") == 0) {
		printf("%" PRIu64 "\n", limits_weight(strtoull(argument, NULL, 10)));
		return 0;
	}
	if (strcmp(verb, "uid_map") == 0) {
		if (host_highest_id(argument, &highest, err) < 0)
			return -1;
		printf("%" PRIu64 "\n", highest);
		return 0;
	}
	if (host_kernel_version(argument, &major, &minor, err) < 0)
		return -1;
	printf("%u %u\n", major, minor);
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	const char *verb = argc > 1 ? argv[1] : "compose", *argument = argc > 2 ? argv[2] : "";
	autoclose int dir = open(argument, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	progname = "bundle";
	say_threshold = SAY_INFO;
	if (strcmp(verb, "compose") == 0)
		result = compose_main(NULL, &err);
	else if (strcmp(verb, "save") == 0)
		result = compose_main(argument, &err);
	else if (strcmp(verb, "process") == 0)
		result = process_main(dir, &err);
	else if (strcmp(verb, "facts") == 0)
		result = facts_main(dir, argc > 3 ? argv[3] : "0", &err);
	else if (strcmp(verb, "weight") == 0 || strcmp(verb, "uid_map") == 0 || strcmp(verb, "kernel") == 0)
		result = number_main(verb, argument, &err);
	else
		return usage();
	return result < 0 ? failed(&err) : 0;
}
