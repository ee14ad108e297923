#include "guardian/portpool.h"

#include "common/base/json.h"
#include "common/base/statefile.h"
#include "guardian/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define LARGEST 4096

uint64_t portpool_load(const char *path, uint64_t size)
{
	autofree char *text = path ? statefile_read(AT_FDCWD, path, LARGEST, NULL) : NULL;
	autojson json_object *state = NULL;
	struct error err;
	uint64_t offset;

	if (!text && (!path || errno == ENOENT)) {
		log_info(log_root(), "no-port-pool-state-to-recover-starting-clean", NULL);
		return 0;
	}
	if (!text)
		fail_sys(&err, "read %s", path);
	else
		state = json_parse(text, strlen(text), &err);
	if (state && !json_object_is_type(json_member(state, "offset"), json_type_int))
		fail(&err, "%s: no offset", path);
	else if (state) {
		offset = json_number(state, "offset");
		return offset < size ? offset : 0;
	}
	log_error(log_root(), "failed-to-parse-pool-state", err.text, log_data("path", path, NULL));
	return 0;
}

int portpool_save(const char *path, uint64_t offset, struct error *err)
{
	autofree char *text = xprintf("{\"offset\":%llu}\n", (unsigned long long)offset);

	if (!path)
		return 0;
	return statefile_replace(path, text, strlen(text), 0644) < 0 ? fail_sys(err, "write %s", path) : 0;
}
