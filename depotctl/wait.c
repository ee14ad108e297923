/* wait: until a process has ended, as often and as late as one likes. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/forget.h"
#include "depotctl/verbs.h"

int verb_wait(struct options *options)
{
	const char *handle = options->args[0], *id = options->args[1];
	int timeout_ms = options->timeout_seconds < 0 ? -1 : options->timeout_seconds * 1000;
	struct error err;
	json_object *ended;
	int code;

	if (process_wait(&options->settings, handle, id, timeout_ms, &code, &err) < 0)
		return failed(options, &err);
	if (options->json) {
		ended = json_object_new_object();
		json_add_text(ended, "handle", handle);
		json_add_text(ended, "id", id);
		json_object_object_add(ended, "exit_code", json_object_new_int(code));
		json_print(ended);
	}
	return forget_if_asked(options, handle, id, code);
}
