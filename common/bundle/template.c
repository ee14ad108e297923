#include "common/bundle/template.h"

#include "common/base/object.h"

#include <string.h>

#define MOST_OPTIONS 7

static const struct file_system {
	const char *destination, *type, *source;
	const char *options[MOST_OPTIONS]; /* ended by NULL */
} before_init[] = {
	{ "/sys", "sysfs", "sysfs", { "noexec", "nosuid", "nodev", "ro" } },
	{ "/dev", "tmpfs", "tmpfs", { "noexec", "strictatime", "mode=755" } },
	{ "/dev/shm", "tmpfs", "tmpfs", { "noexec", "nosuid", "nodev", "mode=1777" } },
	{ "/dev/mqueue", "mqueue", "mqueue", { "noexec", "nosuid", "nodev" } },
	{ "/dev/pts", "devpts", "devpts",
		{ "nosuid", "noexec", "newinstance", "gid=5", "ptmxmode=0666", "mode=0620" } },
};
static const struct file_system proc = { "/proc", "proc", "proc", { "nosuid", "noexec", "nodev" } };
static const struct file_system cgroups = { "/sys/fs/cgroup", "cgroup", "cgroup",
	{ "ro", "nosuid", "noexec", "nodev" } };

static void add_mount(json_object *mounts, const struct file_system *what)
{
	json_object *mount = json_object_new_object(), *options = json_object_new_array();

	for (const char *const *option = what->options; *option; option++)
		array_add_string(options, *option);
	object_add_string(mount, "destination", what->destination);
	object_add_string(mount, "type", what->type);
	object_add_string(mount, "source", what->source);
	object_add(mount, "options", options);
	array_add(mounts, mount);
}

json_object *template_mounts(bool privileged, bool cgroup_v2, const char *init)
{
	/* Root of a privileged container is root of the host: it could write through the bind to the host's own program. */
	const struct file_system bound_init = { TEMPLATE_INIT, "bind", init, { "bind", privileged ? "ro" : NULL } };
	json_object *mounts = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(before_init); i++)
		add_mount(mounts, &before_init[i]);
	add_mount(mounts, &bound_init);
	add_mount(mounts, &proc);
	if (!privileged && !cgroup_v2)
		add_mount(mounts, &cgroups);
	return mounts;
}

json_object *template_process(json_object *env, json_object *capabilities)
{
	json_object *process = json_object_new_object(), *args = json_object_new_array();
	json_object *size = json_object_new_object(), *root = json_object_new_object();

	object_add_int(size, "height", 0);
	object_add_int(size, "width", 0);
	object_add_int(root, "uid", 0);
	object_add_int(root, "gid", 0);
	array_add_string(args, TEMPLATE_INIT);
	object_add(process, "consoleSize", size);
	object_add(process, "user", root);
	object_add(process, "args", args);
	if (json_object_array_length(env))
		object_add(process, "env", env);
	else
		json_object_put(env);
	object_add_string(process, "cwd", "/");
	object_add(process, "capabilities", capabilities);
	return process;
}

json_object *template_masked_paths(void)
{
	static const char *const paths[] = { "/proc/kcore", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
		"/proc/timer_list", "/proc/timer_stats", "/proc/keys", "/sys/firmware" };
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		array_add_string(list, paths[i]);
	return list;
}

json_object *template_windows(void)
{
	json_object *windows = json_object_new_object();

	object_add(windows, "layerFolders", json_object_new_array());
	object_add(windows, "network", json_object_new_object());
	return windows;
}
