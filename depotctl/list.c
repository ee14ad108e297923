/* list: the containers of the depot, a line each. One that cannot be looked at does not hide the others. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/inspect.h"
#include "depotctl/verbs.h"

static const char *const headings[] = { "HANDLE", "STATE", "PROCESSES", "AGE", "ROOTFS" };

static void add_row(struct table *table, const char *handle, const struct container_info *info)
{
	autofree char *age = age_text(info->created_ms);

	table_cell(table, handle);
	table_cell(table, container_state_name(info->state));
	table_cellf(table, "%zu", info->processes.count);
	table_cell(table, age);
	table_cell(table, info->rootfs);
}

static int print_all(const struct options *options, const struct strings *handles)
{
	json_object *list = json_object_new_array();
	struct container_info info;
	struct table table;
	struct error err;
	int code = 0;

	table_begin(&table, headings, ARRAY_SIZE(headings));
	for (size_t i = 0; i < handles->count; i++) {
		const char *handle = handles->item[i];

		if (container_info(&options->settings, handle, &info, &err) < 0) {
			if (err.kind != ERROR_UNKNOWN_HANDLE) /* it was destroyed meanwhile */
				code = failed(options, &err);
			continue;
		}
		container_info_bundle(&info);
		add_row(&table, handle, &info);
		json_object_array_add(list, inspect_container(handle, &info));
		container_info_free(&info);
	}
	if (options->json)
		json_print(json_object_get(list));
	else
		table_print(&table);
	json_object_put(list);
	return code;
}

int verb_list(struct options *options)
{
	autostrings struct strings handles = { 0 };
	struct error err;

	if (container_list(&options->settings, &handles, &err) < 0)
		return failed(options, &err);
	if (!options->quiet)
		return print_all(options, &handles);
	print_names(&handles, options->json);
	return 0;
}
