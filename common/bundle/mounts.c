#include "common/bundle/mounts.h"

#include "common/base/object.h"
#include "common/bundle/template.h"
#include "common/depot/names.h"

#include <sys/statvfs.h>

static const struct {
	unsigned long flag;
	const char *option;
} kept[] = {
	{ ST_NOSUID, "nosuid" },
	{ ST_NODEV, "nodev" },
	{ ST_NOEXEC, "noexec" },
	{ ST_NOATIME, "noatime" },
	{ ST_NODIRATIME, "nodiratime" },
};

/* The runtime has to mount a bind a second time to make it read-only, and in a user namespace the kernel refuses that when a
 * restriction of the source's file system would be lost. Read-only is not among those: the request alone decides. */
static json_object *bind(const char *source, const char *destination, bool writable, unsigned long flags)
{
	json_object *made = json_object_new_object(), *options = json_object_new_array();

	array_add_string(options, "bind");
	array_add_string(options, writable ? "rw" : "ro");
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (flags & kept[i].flag)
			array_add_string(options, kept[i].option);
	object_add_string(made, "destination", destination);
	object_add_string(made, "type", "bind");
	object_add_string(made, "source", source);
	object_add(made, "options", options);
	return made;
}

/* Of an array that may come from elsewhere: what cannot be a mount is passed over. */
static void append(json_object *mounts, json_object *more)
{
	if (!json_object_is_type(more, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(more); i++) {
		json_object *mount = json_object_array_get_idx(more, i);

		if (json_object_is_type(mount, json_type_object))
			array_add(mounts, json_object_get(mount));
	}
}

int mounts_rule(const struct container_spec *spec, const char *init, const char *bundle_path, const struct host *host,
	json_object **mounts, struct error *err)
{
	autojson json_object *made = json_object_new_array();
	autojson json_object *usual = template_mounts(spec->privileged, host->cgroup_v2, init);
	autofree char *hosts = xprintf("%s/%s", bundle_path, NAME_HOSTS);
	autofree char *resolv = xprintf("%s/%s", bundle_path, NAME_RESOLV);

	append(made, spec->image_mounts);
	append(made, usual);
	for (size_t i = 0; i < spec->bind_mount_count; i++) {
		const struct bind_mount *wanted = &spec->bind_mounts[i];

		if (wanted->destination[0] != '/')
			return fail_kind(err, ERROR_BAD_INPUT, "bind mount destination %s: not an absolute path",
				wanted->destination);
		array_add(made, bind(wanted->source, wanted->destination, wanted->writable, host->source_flags[i]));
	}
	array_add(made, bind(hosts, "/etc/hosts", true, host->bundle_flags));
	array_add(made, bind(resolv, "/etc/resolv.conf", true, host->bundle_flags));
	*mounts = json_object_get(made);
	return 0;
}
