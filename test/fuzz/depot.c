/* Any bytes as one of the files that keep a container's state, which somebody may have edited. The first byte chooses which. What
 * is read must be what is read again after it was saved; what is refused must say why. */
#include "common/base/object.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"
#include "common/depot/process.h"
#include "common/depot/properties.h"
#include "common/depot/record.h"
#include "test/fuzz/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int dir = -1;

static void put(const char *name, const uint8_t *data, size_t len)
{
	must(statefile_write(dir, name, data, len, 0600) == 0);
}

static bool same_strings(const struct strings *one, const struct strings *other)
{
	bool same = one->count == other->count;

	for (size_t i = 0; same && i < one->count; i++)
		same = strcmp(one->item[i], other->item[i]) == 0;
	return same;
}

static void record(void)
{
	autorecord struct record one = { 0 }, other = { 0 };
	struct error err = { 0 };

	if (record_load(dir, &one, &err) < 0) {
		must(errno == EINVAL && *err.text && !one.boot_id);
		return;
	}
	must(one.boot_id && *one.boot_id && one.runtime && one.runtime_root && record_state_name(one.state));
	must(record_save(dir, &one, &err) == 0 && record_load(dir, &other, &err) == 0);
	must(one.state == other.state && one.stopped == other.stopped && one.privileged == other.privileged);
	must(strcmp(one.boot_id, other.boot_id) == 0 && strcmp(one.runtime, other.runtime) == 0 &&
		strcmp(one.runtime_root, other.runtime_root) == 0);
	must(one.pid_namespace == other.pid_namespace && one.mount_namespace == other.mount_namespace);
	must(one.init.pid == other.init.pid && one.init.start == other.init.start && one.init.pid >= 0);
	must(same_strings(&one.cgroups, &other.cgroups) && same_strings(&one.mounts, &other.mounts));
	must(one.memory_bytes == other.memory_bytes && one.cpu_shares == other.cpu_shares);
	/* A time beyond what is signed is one before 1970, and those are not kept. */
	must(one.created_ms == other.created_ms || one.created_ms < 0);
}

/* Whatever is in a value, it comes back as it was, but for the bytes that stand for a NUL, which are no UTF-8. */
static void check_values(json_object *properties)
{
	json_object_object_foreach(properties, name, value)
	{
		autofree char *string = NULL;
		autojson json_object *again = NULL;

		(void)name;
		must(json_object_is_type(value, json_type_string));
		string = property_string(value);
		again = property_value(string);
		must(json_object_equal(value, again) ||
			memmem(json_object_get_string(value), (size_t)json_object_get_string_len(value), "\xc0\x80",
				2));
	}
}

static void properties(void)
{
	autojson json_object *one = NULL, *other = NULL;
	struct error err = { 0 };

	if (properties_load(dir, &one, &err) < 0) {
		must(*err.text && !one);
		return;
	}
	must(json_object_is_type(one, json_type_object));
	check_values(one);
	if (properties_set(dir, "fuzz", "1", &err) < 0) {
		must(err.kind == ERROR_BAD_INPUT && *err.text);
		return;
	}
	must(properties_load(dir, &other, &err) == 0);
	must(strcmp(json_string(other, "fuzz"), "1") == 0);
	json_object_object_del(one, "fuzz");
	json_object_object_del(other, "fuzz");
	must(json_object_equal(one, other));
}

static void identity(void)
{
	struct identity one, other;

	if (identity_load(dir, NAME_STARTED, &one) < 0) {
		must(errno == EINVAL || errno == EFBIG);
		return;
	}
	must(one.pid > 0 && identity_save(dir, NAME_STARTED, &one) == 0);
	must(identity_load(dir, NAME_STARTED, &other) == 0 && one.pid == other.pid && one.start == other.start);
}

static void pid(void)
{
	pid_t number = pidfile_read(dir, NAME_PID);

	must(number > 0 || errno == EINVAL || errno == ENODATA || errno == EFBIG);
}

static void exit_code(void)
{
	struct process process;
	struct error err = { 0 };
	int code;

	if (process_exit_code(dir, &code) < 0) {
		must(errno == EINVAL || errno == ENODATA || errno == EFBIG || errno == ERANGE);
		must(process_probe(dir, &process, &err) < 0 && *err.text);
		return;
	}
	must(code >= 0 && code <= 255);
	must(process_probe(dir, &process, &err) == 0 && process.state == PROCESS_ENDED && process.exit_code == code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct {
		const char *name;
		void (*check)(void);
	} files[] = {
		{ NAME_RECORD, record },
		{ NAME_PROPERTIES, properties },
		{ NAME_STARTED, identity },
		{ NAME_PID, pid },
		{ NAME_EXITCODE, exit_code },
	};
	size_t which;

	if (len == 0)
		return 0;
	if (dir < 0)
		dir = scratch_make();
	which = data[0] % ARRAY_SIZE(files);
	put(files[which].name, data + 1, len - 1);
	files[which].check();
	unlinkat(dir, files[which].name, 0);
	return 0;
}
