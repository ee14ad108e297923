/* destroy: some containers, or all of them. One that cannot be destroyed does not save the others. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/verbs.h"

/* --all counts a container that somebody else has destroyed meanwhile as success. */
static bool destroy(const struct options *options, const char *handle, struct error *err)
{
	return container_destroy(&options->settings, handle, err) == 0 ||
		(options->all && err->kind == ERROR_UNKNOWN_HANDLE);
}

static int destroy_each(const struct options *options, char *const *handles, size_t count)
{
	json_object *report = json_object_new_array();
	struct error err;
	int code = 0;

	for (size_t i = 0; i < count; i++) {
		json_object *row = json_object_new_object();
		bool done = destroy(options, handles[i], &err);

		if (!done)
			code = failed(options, &err);
		json_add_text(row, "handle", handles[i]);
		json_object_object_add(row, "destroyed", json_object_new_boolean(done));
		json_add_text(row, "error", done ? NULL : err.text);
		json_object_array_add(report, row);
	}
	if (options->json)
		json_print(json_object_get(report));
	json_object_put(report);
	return code;
}

int verb_destroy(struct options *options)
{
	autostrings struct strings handles = { 0 };
	struct error err;

	if (options->all == (options->arg_count > 0)) {
		fail(&err, "%s", options->all ? "--all leaves nothing to name" : "HANDLE... or --all is missing");
		return misused(options, &err);
	}
	if (!options->all)
		return destroy_each(options, options->args, options->arg_count);
	if (container_list(&options->settings, &handles, &err) < 0)
		return failed(options, &err);
	return destroy_each(options, handles.item, handles.count);
}
