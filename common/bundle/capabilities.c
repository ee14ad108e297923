#include "common/bundle/capabilities.h"

#include "common/base/object.h"

#include <linux/capability.h>
#include <string.h>

static const char *const names[] = {
	[CAP_AUDIT_CONTROL] = "CAP_AUDIT_CONTROL",
	[CAP_AUDIT_READ] = "CAP_AUDIT_READ",
	[CAP_AUDIT_WRITE] = "CAP_AUDIT_WRITE",
	[CAP_BLOCK_SUSPEND] = "CAP_BLOCK_SUSPEND",
	[CAP_CHOWN] = "CAP_CHOWN",
	[CAP_DAC_OVERRIDE] = "CAP_DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
	[CAP_FOWNER] = "CAP_FOWNER",
	[CAP_FSETID] = "CAP_FSETID",
	[CAP_IPC_LOCK] = "CAP_IPC_LOCK",
	[CAP_IPC_OWNER] = "CAP_IPC_OWNER",
	[CAP_KILL] = "CAP_KILL",
	[CAP_LEASE] = "CAP_LEASE",
	[CAP_LINUX_IMMUTABLE] = "CAP_LINUX_IMMUTABLE",
	[CAP_MAC_ADMIN] = "CAP_MAC_ADMIN",
	[CAP_MAC_OVERRIDE] = "CAP_MAC_OVERRIDE",
	[CAP_MKNOD] = "CAP_MKNOD",
	[CAP_NET_ADMIN] = "CAP_NET_ADMIN",
	[CAP_NET_BIND_SERVICE] = "CAP_NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "CAP_NET_BROADCAST",
	[CAP_NET_RAW] = "CAP_NET_RAW",
	[CAP_SETFCAP] = "CAP_SETFCAP",
	[CAP_SETGID] = "CAP_SETGID",
	[CAP_SETPCAP] = "CAP_SETPCAP",
	[CAP_SETUID] = "CAP_SETUID",
	[CAP_SYSLOG] = "CAP_SYSLOG",
	[CAP_SYS_ADMIN] = "CAP_SYS_ADMIN",
	[CAP_SYS_BOOT] = "CAP_SYS_BOOT",
	[CAP_SYS_CHROOT] = "CAP_SYS_CHROOT",
	[CAP_SYS_MODULE] = "CAP_SYS_MODULE",
	[CAP_SYS_NICE] = "CAP_SYS_NICE",
	[CAP_SYS_PACCT] = "CAP_SYS_PACCT",
	[CAP_SYS_PTRACE] = "CAP_SYS_PTRACE",
	[CAP_SYS_RAWIO] = "CAP_SYS_RAWIO",
	[CAP_SYS_RESOURCE] = "CAP_SYS_RESOURCE",
	[CAP_SYS_TIME] = "CAP_SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "CAP_SYS_TTY_CONFIG",
	[CAP_WAKE_ALARM] = "CAP_WAKE_ALARM",
};

/* Both in the order in which they stand in the file. */
static const unsigned unprivileged_set[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER, CAP_MKNOD,
	CAP_NET_RAW, CAP_SETGID, CAP_SETUID, CAP_SETFCAP, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL,
	CAP_AUDIT_WRITE };
static const unsigned privileged_set[] = { CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_AUDIT_WRITE, CAP_BLOCK_SUSPEND,
	CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_IPC_LOCK, CAP_IPC_OWNER, CAP_KILL,
	CAP_LEASE, CAP_LINUX_IMMUTABLE, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_MKNOD, CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
	CAP_NET_BROADCAST, CAP_NET_RAW, CAP_SETGID, CAP_SETFCAP, CAP_SETPCAP, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_BOOT,
	CAP_SYS_CHROOT, CAP_SYS_MODULE, CAP_SYS_NICE, CAP_SYS_PACCT, CAP_SYS_PTRACE, CAP_SYS_RAWIO, CAP_SYS_RESOURCE,
	CAP_SYS_TIME, CAP_SYS_TTY_CONFIG, CAP_SYSLOG, CAP_WAKE_ALARM };

static bool has(uint64_t set, unsigned number)
{
	return set >> number & 1;
}

static json_object *list_of(const unsigned *numbers, size_t count, uint64_t available)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		if (has(available, numbers[i]))
			array_add_string(list, names[numbers[i]]);
	return list;
}

/* All sets hold the same list. Where effective is left out nothing is lost: the exec fills it for root, and clears it for
 * anybody else. */
static json_object *sets_of(json_object *list, bool with_effective)
{
	json_object *sets = json_object_new_object();

	object_add(sets, "bounding", json_object_get(list));
	if (with_effective)
		object_add(sets, "effective", json_object_get(list));
	object_add(sets, "inheritable", json_object_get(list));
	object_add(sets, "permitted", json_object_get(list));
	return sets;
}

json_object *capabilities_rule(bool privileged, uint64_t available)
{
	/* A new user namespace begins with a full bounding set, whatever its maker has. */
	autojson json_object *list = privileged ? list_of(privileged_set, ARRAY_SIZE(privileged_set), available)
						: list_of(unprivileged_set, ARRAY_SIZE(unprivileged_set), UINT64_MAX);

	return sets_of(list, !privileged);
}

void capabilities_missing(uint64_t available, struct text *missing)
{
	for (size_t i = 0; i < ARRAY_SIZE(privileged_set); i++)
		if (!has(available, privileged_set[i]))
			text_addf(missing, "%s%s", missing->len ? " " : "", names[privileged_set[i]]);
}

static bool in_unprivileged_set(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(unprivileged_set); i++)
		if (strcmp(names[unprivileged_set[i]], name) == 0)
			return true;
	return false;
}

json_object *capabilities_of_process(json_object *container, gid_t gid)
{
	autostrings struct strings all = { 0 };
	autojson json_object *list = json_object_new_array();

	json_to_strings(json_member(container, "bounding"), &all);
	for (size_t i = 0; i < all.count; i++)
		if (gid == 0 || in_unprivileged_set(all.item[i]) || strcmp(all.item[i], "CAP_SYS_ADMIN") == 0)
			array_add_string(list, all.item[i]);
	return json_object_array_length(list) ? sets_of(list, false) : NULL;
}
