#include "common/bundle/host.h"

#include "common/base/statefile.h"
#include "common/bundle/sysctls.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#define PROC_MAX 65536 /* more than any file of /proc read here holds: a uid_map has at most 340 lines */

void host_free(struct host *host)
{
	free(host->source_flags);
	*host = (struct host){ 0 };
}

int host_highest_id(const char *uid_map, uint64_t *highest, struct error *err)
{
	*highest = 0;
	for (const char *line = uid_map; *line;) {
		int len = (int)strcspn(line, "\n"), end = 0;
		unsigned long long inside, outside, size;

		if (sscanf(line, "%llu%llu%llu%n", &inside, &outside, &size, &end) != 3 || end > len)
			return fail(err, "expected three numbers while parsing line \"%.*s\"", len, line);
		if (inside + size > *highest + 1)
			*highest = inside + size - 1;
		line += len + (line[len] == '\n');
	}
	return 0;
}

int host_kernel_version(const char *release, unsigned *major, unsigned *minor, struct error *err)
{
	*major = *minor = 0;
	if (!isdigit((unsigned char)*release))
		return fail(err, "malformed version: %s", release);
	/* Nothing more than the major number is as good. */
	(void)sscanf(release, "%u.%u", major, minor);
	return 0;
}

static int read_highest_id(struct host *host, struct error *err)
{
	autofree char *map = statefile_read(AT_FDCWD, "/proc/self/uid_map", PROC_MAX, NULL);

	return map ? host_highest_id(map, &host->highest_id, err) : fail_sys(err, "read /proc/self/uid_map");
}

static int read_kernel(struct host *host, struct error *err)
{
	struct utsname names;

	if (uname(&names) < 0)
		return fail_sys(err, "uname");
	snprintf(host->machine, sizeof host->machine, "%s", names.machine);
	return host_kernel_version(names.release, &host->kernel_major, &host->kernel_minor, err);
}

static uint64_t read_capabilities(void)
{
	uint64_t bounding = 0;

	for (unsigned number = 0; number < 64; number++)
		if (prctl(PR_CAPBSET_READ, number) == 1) /* -1 for a number that this kernel does not know */
			bounding |= UINT64_C(1) << number;
	return bounding;
}

static int read_tcp(const struct settings *settings, struct host *host, struct error *err)
{
	const uint32_t wanted[TCP_PARAMETERS] = {
		[TCP_KEEPALIVE_TIME] = settings->tcp_keepalive_time,
		[TCP_KEEPALIVE_INTVL] = settings->tcp_keepalive_interval,
		[TCP_KEEPALIVE_PROBES] = settings->tcp_keepalive_probes,
		[TCP_RETRIES1] = settings->tcp_retries1,
		[TCP_RETRIES2] = settings->tcp_retries2,
	};

	for (size_t i = 0; i < TCP_PARAMETERS; i++) {
		autofree char *path = xprintf("/proc/sys/net/ipv4/%s", tcp_parameter_names[i]);
		long long now = wanted[i];

		if (now == 0 && statefile_read_number(AT_FDCWD, path, &now) < 0) {
			fail_sys(err, "read %s", path);
			return wrap(err, "failed to retrieve kernel parameter \"net.ipv4.%s\"", tcp_parameter_names[i]);
		}
		host->tcp[i] = (uint32_t)now;
	}
	return 0;
}

/* A source that is not there would fail in the runtime too, but late and in words that name no path. */
static int read_source(const char *source, unsigned long *flags, struct error *err)
{
	struct statvfs fs;

	if (source[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "bind mount source %s: not an absolute path", source);
	if (statvfs(source, &fs) < 0) {
		fail_sys(err, "bind mount source %s", source);
		err->kind = ERROR_BAD_INPUT;
		return -1;
	}
	*flags = fs.f_flag;
	return 0;
}

static int read_sources(const struct container_spec *spec, const char *bundle_path, struct host *host,
	struct error *err)
{
	struct statvfs fs;

	host->source_flags = xmalloc(spec->bind_mount_count * sizeof *host->source_flags);
	for (size_t i = 0; i < spec->bind_mount_count; i++)
		if (read_source(spec->bind_mounts[i].source, &host->source_flags[i], err) < 0)
			return -1;
	if (statvfs(bundle_path, &fs) < 0)
		return fail_sys(err, "bundle %s", bundle_path);
	host->bundle_flags = fs.f_flag;
	return 0;
}

int host_gather(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	struct host *host, struct error *err)
{
	struct statfs cgroups;

	*host = (struct host){ 0 };
	host->capabilities = read_capabilities();
	host->cgroup_v2 = statfs("/sys/fs/cgroup", &cgroups) == 0 &&
		(unsigned long)cgroups.f_type == CGROUP2_SUPER_MAGIC;
	if (read_highest_id(host, err) < 0 || read_kernel(host, err) < 0 || read_tcp(settings, host, err) < 0)
		return -1;
	return read_sources(spec, bundle_path, host, err);
}
