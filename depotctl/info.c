/* info: everything that is known of some containers. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/inspect.h"
#include "depotctl/verbs.h"

#include <stdio.h>

static void line(const char *name, const char *value)
{
	autofree char *clean = clean_text(value && *value ? value : "-");

	printf("%-12s%s\n", name, clean);
}

static void lines(const char *name, const struct strings *values)
{
	if (values->count == 0)
		line(name, NULL);
	for (size_t i = 0; i < values->count; i++)
		line(i == 0 ? name : "", values->item[i]);
}

static void print(const char *handle, const struct container_info *info)
{
	autofree char *created = time_text(info->created_ms), *age = age_text(info->created_ms);
	autofree char *when = created ? xprintf("%s (%s ago)", created, age) : NULL;
	autofree char *pid = info->init.pid > 0 ? xprintf("%d", (int)info->init.pid) : NULL;

	line("handle", handle);
	line("state", container_state_name(info->state));
	if (info->note)
		line("note", info->note);
	line("created", when);
	line("path", info->path);
	line("rootfs", info->rootfs);
	line("privileged", info->privileged ? "yes" : "no");
	line("init pid", pid);
	lines("processes", &info->processes);
	lines("env", &info->env);
	lines("cgroups", &info->cgroups);
}

int verb_info(struct options *options)
{
	json_object *list = json_object_new_array();
	struct container_info info;
	struct error err;
	int code = 0;

	for (size_t i = 0; i < options->arg_count; i++) {
		const char *handle = options->args[i];

		if (container_info(&options->settings, handle, &info, &err) < 0) {
			code = failed(options, &err);
			continue;
		}
		container_info_bundle(&info);
		if (!options->json) {
			if (i > 0)
				putchar('\n');
			print(handle, &info);
		}
		json_object_array_add(list, inspect_container(handle, &info));
		container_info_free(&info);
	}
	if (options->json)
		json_print(json_object_get(list));
	json_object_put(list);
	return code;
}
