#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"
#include "common/image/raw.h"
#include "common/net/hosts.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/ops/undo.h"
#include "common/runtime/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A container on its way: what the steps below hand on to each other. */
struct creation {
	const struct settings *settings;
	struct container_spec *spec;
	char *path;
	int dir;
	struct record record;
	json_object *bundle;
	char *source; /* the root filesystem that is to be mounted with its ids shifted, or NULL */
};

static int check_request(const struct settings *settings, const struct container_spec *spec, enum raw_fit *fit,
	struct error *err)
{
	uid_t root = 0;

	if (spec->privileged && settings->disable_privileged_containers)
		return fail(err, "privileged container creation is disabled");
	if (!spec->rootfs || !*spec->rootfs)
		return fail_kind(err, ERROR_BAD_INPUT, "no root filesystem given");
	if (!spec->privileged && container_root_id(&root, err) < 0)
		return -1;
	return raw_check(spec->rootfs, root, fit, err);
}

static int check_room(const struct settings *settings, struct error *err)
{
	autostrings struct strings handles = { 0 };

	if (container_list(settings, &handles, err) < 0)
		return -1;
	return handles.count < settings->max_containers ? 0 : fail(err, "max containers reached");
}

/* With a limit, looking whether there is room and taking it is one step for all: a lock in the state directory. */
static int lock_claims(const struct settings *settings, struct error *err)
{
	autoclose int fd = open(settings->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || lock_take(fd, LOCK_EXCLUSIVE, settings->lock_seconds) < 0)
		return fail_sys(err, "lock %s", settings->state_dir);
	return fd_take(&fd);
}

/* The directory is the claim on the handle: whoever makes it has it. */
static int claim(struct creation *c, struct error *err)
{
	const char *handle = c->spec->handle;
	autoclose int claims = -1;

	if (c->settings->max_containers && access(c->path, F_OK) < 0) {
		claims = lock_claims(c->settings, err);
		if (claims < 0 || check_room(c->settings, err) < 0)
			return -1;
	}
	if (mkdir(c->path, 0755) < 0)
		return errno == EEXIST ? fail_kind(err, ERROR_IN_USE, "Handle '%s' already in use", handle)
				       : fail_sys(err, "mkdir %s", c->path);
	c->dir = container_directory(c->settings, handle, err);
	return c->dir < 0 ? -1 : container_lock(c->settings, handle, c->dir, LOCK_EXCLUSIVE, err);
}

/* A cgroup of that name with somebody in it belongs to another depot's container, or to a runtime's of another root: it must
 * never become ours to kill. */
static int check_cgroups(struct strings *candidates, struct error *err)
{
	autopids struct pids others = { 0 };

	cgroup_processes(candidates, &others);
	if (!others.count)
		return 0;
	fail(err, "cgroup %s is in use by another container, pid %d is in it", candidates->item[0], (int)others.pid[0]);
	strings_free(candidates);
	return -1;
}

/* What destroying will have to undo, before any of it is done. Where the runtime puts its cgroups is not known yet, only
 * where it may. */
static int begin(struct creation *c, struct error *err)
{
	const char *cgroup;

	if (record_begin(&c->record, c->settings->runtime, c->settings->runtime_root, err) < 0)
		return -1;
	c->record.privileged = c->spec->privileged;
	c->record.memory_bytes = c->spec->limits.memory_bytes;
	c->record.cpu_shares = c->spec->limits.cpu_shares;
	cgroup = json_string(json_member(c->bundle, "linux"), "cgroupsPath");
	if (cgroup_candidates(cgroup, c->spec->handle, &c->record.cgroups, err) < 0 ||
		check_cgroups(&c->record.cgroups, err) < 0)
		return -1;
	if (c->source)
		strings_add(&c->record.mounts, c->spec->rootfs);
	return record_save(c->dir, &c->record, err);
}

static void map_lines(json_object *mappings, struct text *lines)
{
	for (size_t i = 0; i < json_object_array_length(mappings); i++) {
		json_object *range = json_object_array_get_idx(mappings, i);

		text_addf(lines, "%llu %llu %llu\n", (unsigned long long)json_number(range, "containerID"),
			(unsigned long long)json_number(range, "hostID"),
			(unsigned long long)json_number(range, "size"));
	}
}

static int mount_rootfs(struct creation *c, struct error *err)
{
	autotext struct text uids = { 0 }, gids = { 0 };
	json_object *os = json_member(c->bundle, "linux");

	if (!c->source)
		return 0;
	map_lines(json_member(os, "uidMappings"), &uids);
	map_lines(json_member(os, "gidMappings"), &gids);
	if (mkdir(c->spec->rootfs, 0755) < 0)
		return fail_sys(err, "mkdir %s", c->spec->rootfs);
	return raw_mount(c->source, c->spec->rootfs, text_string(&uids), text_string(&gids), err);
}

static int write_file(struct creation *c, const char *name, const struct text *content, struct error *err)
{
	autoclose int fd = openat(c->dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	uid_t root;

	if (fd < 0 || fd_write_all(fd, text_string(content), content->len) < 0)
		return fail_sys(err, "write %s/%s", c->path, name);
	if (c->spec->privileged)
		return 0;
	if (container_root_id(&root, err) < 0)
		return -1;
	return fchown(fd, root, root) < 0 ? fail_sys(err, "error chowning %s", name) : 0;
}

static int write_network_files(struct creation *c, struct error *err)
{
	autotext struct text hosts = { 0 }, resolv = { 0 };
	autofree char *ours = statefile_read(AT_FDCWD, "/etc/resolv.conf", 1 << 20, NULL);

	hosts_text(c->spec->handle, NULL, NULL, NULL, &hosts);
	resolv_text(&(struct resolv){ .host = ours ? ours : "" }, &resolv);
	return write_file(c, NAME_HOSTS, &hosts, err) < 0 || write_file(c, NAME_RESOLV, &resolv, err) < 0 ? -1 : 0;
}

static int start(struct creation *c, struct error *err)
{
	struct runc runc = container_runtime(c->settings, &c->record);

	if (runc_run(&runc, c->spec->handle, c->path, c->dir, err) < 0)
		return -1;
	if (pidfile_identity(c->dir, NAME_INIT_PID, &c->record.init) < 0)
		return errno == ENOENT ? fail(err, "container init PID was 0")
				       : fail_sys(err, "look for the container's init");
	strings_free(&c->record.cgroups);
	return cgroup_of(c->record.init.pid, &c->record.cgroups, err);
}

static int store_properties(struct creation *c, struct error *err)
{
	return c->spec->properties ? container_set_properties(c->settings, c->spec->handle, c->spec->properties, err)
				   : 0;
}

static int build(struct creation *c, struct error *err)
{
	if (store_properties(c, err) < 0 || write_network_files(c, err) < 0 ||
		bundle_generate(c->spec, c->settings, c->path, &c->bundle, err) < 0 || begin(c, err) < 0 ||
		mount_rootfs(c, err) < 0 || bundle_save(c->dir, c->bundle, err) < 0 || start(c, err) < 0)
		return -1;
	c->record.state = RECORD_CREATED;
	return record_save(c->dir, &c->record, err);
}

int container_create(const struct settings *settings, struct container_spec *spec, struct error *err)
{
	struct creation c = { .settings = settings, .spec = spec, .dir = -1 };
	enum raw_fit fit;
	struct error undo;
	int result = -1;

	if (!spec->handle || !*spec->handle) {
		free(spec->handle);
		spec->handle = name_random();
	}
	if (name_check_handle(spec->handle, err) < 0 || check_request(settings, spec, &fit, err) < 0)
		return -1;
	c.path = container_path(settings, spec->handle);
	if (fit == RAW_SHIFT) {
		c.source = spec->rootfs;
		spec->rootfs = xprintf("%s/%s", c.path, NAME_ROOTFS);
	}
	if (claim(&c, err) == 0) {
		result = build(&c, err);
		if (result < 0 && container_undo(settings, spec->handle, c.dir, &undo) < 0)
			say(SAY_WARN, "undo create of %s: %s", spec->handle, undo.text);
	}
	record_free(&c.record);
	json_object_put(c.bundle);
	fd_close(&c.dir);
	free(c.path);
	free(c.source);
	return result;
}
