#include "common/bundle/bundle.h"

#include "common/base/object.h"
#include "common/base/say.h"
#include "common/base/statefile.h"
#include "common/bundle/capabilities.h"
#include "common/bundle/devices.h"
#include "common/bundle/env.h"
#include "common/bundle/host.h"
#include "common/bundle/idmap.h"
#include "common/bundle/limits.h"
#include "common/bundle/mounts.h"
#include "common/bundle/namespaces.h"
#include "common/bundle/seccomp.h"
#include "common/bundle/sysctls.h"
#include "common/bundle/template.h"
#include "common/depot/names.h"

#include <string.h>

#define LONGEST_HOSTNAME 49 /* bytes; of a longer name the end is kept, where handles differ */
#define BUNDLE_MAX (16 * 1024 * 1024)

static json_object *process_rule(const struct container_spec *spec, const struct settings *settings,
	const struct host *host)
{
	json_object *process = template_process(env_of_container(&spec->image_env, &spec->env),
		capabilities_rule(spec->privileged, host->capabilities));

	if (spec->privileged)
		return process;
	if (settings->no_new_privileges)
		object_add(process, "noNewPrivileges", json_object_new_boolean(true));
	if (settings->apparmor && *settings->apparmor)
		object_add_string(process, "apparmorProfile", settings->apparmor);
	return process;
}

static json_object *root_rule(const struct container_spec *spec)
{
	json_object *root = json_object_new_object();

	object_add_string(root, "path", spec->rootfs);
	return root;
}

static const char *hostname_rule(const struct container_spec *spec)
{
	const char *name = spec->hostname ? spec->hostname : spec->handle;
	size_t len = strlen(name);

	return len > LONGEST_HOSTNAME ? name + len - LONGEST_HOSTNAME : name;
}

static int add_idmaps(json_object *section, const struct settings *settings, const struct host *host, struct error *err)
{
	json_object *uids, *gids;

	if (idmap_rule(settings->uid_map_start, settings->uid_map_length, host->highest_id, &uids, err) < 0)
		return wrap(err, "uid map");
	object_add(section, "uidMappings", uids);
	if (idmap_rule(settings->gid_map_start, settings->gid_map_length, host->highest_id, &gids, err) < 0)
		return wrap(err, "gid map");
	object_add(section, "gidMappings", gids);
	return 0;
}

static bool runtime_is_crun(const char *runtime)
{
	const char *slash = runtime ? strrchr(runtime, '/') : NULL;

	return runtime && !strcmp(slash ? slash + 1 : runtime, "crun");
}

static int add_resources(json_object *section, const struct container_spec *spec, const struct settings *settings,
	const struct host *host, struct error *err)
{
	autofree char *cgroup = limits_cgroup(spec->handle, settings->tag, host->cgroup_v2);
	autojson json_object *devices = NULL;

	/* Looked at for every container, so that an operator's mistake does not wait for the first privileged one. */
	if (devices_rule(&settings->device_rules, runtime_is_crun(settings->runtime), &devices, err) < 0)
		return -1;
	object_add(section, "resources",
		limits_rule(&spec->limits, settings, host->cgroup_v2,
			spec->privileged ? json_object_get(devices) : NULL));
	if (!spec->privileged)
		object_add_string(section, "cgroupsPath", cgroup);
	return 0;
}

static int add_linux(json_object *bundle, const struct container_spec *spec, const struct settings *settings,
	const struct host *host, struct error *err)
{
	json_object *section = json_object_new_object();

	object_add(bundle, "linux", section);
	if (!spec->privileged && add_idmaps(section, settings, host, err) < 0)
		return -1;
	object_add(section, "sysctl", sysctls_rule(spec->privileged, settings, host));
	if (add_resources(section, spec, settings, host, err) < 0)
		return -1;
	object_add(section, "namespaces", namespaces_rule(spec->privileged));
	if (spec->privileged)
		object_add(section, "devices", devices_nodes());
	else
		object_add(section, "seccomp", seccomp_rule(host));
	object_add_string(section, "rootfsPropagation", "private");
	if (!spec->privileged)
		object_add(section, "maskedPaths", template_masked_paths());
	return 0;
}

/* The rules run in the order of their members in the file. */
int bundle_compose(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	const struct host *host, json_object **bundle, struct error *err)
{
	autojson json_object *made = json_object_new_object();
	const char *hostname = hostname_rule(spec);
	json_object *mounts;

	if (!spec->rootfs || spec->rootfs[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "root filesystem %s: not an absolute path",
			spec->rootfs ? spec->rootfs : "");
	object_add_string(made, "ociVersion", "1.0.0");
	object_add(made, "process", process_rule(spec, settings, host));
	object_add(made, "root", root_rule(spec));
	if (*hostname)
		object_add_string(made, "hostname", hostname);
	if (mounts_rule(spec, settings->init, bundle_path, host, &mounts, err) < 0)
		return -1;
	object_add(made, "mounts", mounts);
	if (add_linux(made, spec, settings, host, err) < 0)
		return -1;
	object_add(made, "windows", template_windows());
	*bundle = json_object_get(made);
	return 0;
}

int bundle_generate(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	json_object **bundle, struct error *err)
{
	autohost struct host host = { 0 };
	autotext struct text missing = { 0 };

	if (host_gather(spec, settings, bundle_path, &host, err) < 0)
		return -1;
	capabilities_missing(host.capabilities, &missing);
	if (spec->privileged && missing.len)
		say(SAY_INFO, "%s: privileged, but without what this host does not give: %s", spec->handle,
			text_string(&missing));
	return bundle_compose(spec, settings, bundle_path, &host, bundle, err);
}

int bundle_save(int bundle_dir, json_object *bundle, struct error *err)
{
	autotext struct text line = { 0 };

	if (object_write(bundle, &line, err) < 0)
		return wrap(err, "Failed to save bundle");
	text_addf(&line, "\n");
	if (statefile_write(bundle_dir, NAME_BUNDLE, line.data, line.len, 0600) < 0) {
		fail_sys(err, "write %s", NAME_BUNDLE);
		return wrap(err, "Failed to save bundle");
	}
	return 0;
}

/* The end of the JSON object or array that begins at text; NULL if it has none. */
static char *end_of_value(char *text)
{
	int depth = 0;

	for (char *at = text; *at; at++) {
		if (*at == '"') {
			for (at++; *at && *at != '"'; at++)
				at += *at == '\\' && at[1];
			if (!*at)
				return NULL;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		if (depth == 0)
			return at + 1;
	}
	return NULL;
}

/* The rules for system calls are nine tenths of the file and cost most of a run's own time to parse, and nobody asks for them.
 * They become an empty object. In a string the name's own quotes would be escaped. Returns the line's new length. */
static size_t leave_out_seccomp(char *line, size_t len)
{
	static const char name[] = "\"seccomp\":{";
	char *at = strstr(line, name), *end;

	if (!at || at == line || at[-1] == '\\')
		return len;
	at += sizeof name - 2;
	end = end_of_value(at);
	if (!end)
		return len; /* then the parser will say what is wrong */
	at[1] = '}';
	memmove(at + 2, end, len - (size_t)(end - line) + 1);
	return len - (size_t)(end - at) + 2;
}

int bundle_load(int bundle_dir, json_object **bundle, struct error *err)
{
	size_t len;
	autofree char *line = statefile_read(bundle_dir, NAME_BUNDLE, BUNDLE_MAX, &len);

	if (!line) {
		fail_sys(err, "open %s", NAME_BUNDLE);
		return wrap(err, "Failed to load bundle");
	}
	*bundle = json_parse(line, leave_out_seccomp(line, len), err);
	if (*bundle && !json_object_is_type(*bundle, json_type_object)) {
		json_object_put(*bundle);
		*bundle = NULL;
		fail(err, "%s is no object", NAME_BUNDLE);
	}
	return *bundle ? 0 : wrap(err, "Failed to load bundle");
}

bool bundle_privileged(json_object *bundle)
{
	return namespaces_privileged(json_member(json_member(bundle, "linux"), "namespaces"));
}

void bundle_map_ids(json_object *bundle, uid_t *uid, gid_t *gid)
{
	json_object *section = json_member(bundle, "linux");

	*uid = idmap_apply(json_member(section, "uidMappings"), *uid);
	*gid = idmap_apply(json_member(section, "gidMappings"), *gid);
}

const char *bundle_rootfs(json_object *bundle)
{
	return json_string(json_member(bundle, "root"), "path");
}
