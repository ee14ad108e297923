#include "common/depot/names.h"
#include "common/ops/operations.h"

#include <dirent.h>

int container_list(const struct settings *settings, struct strings *handles, struct error *err)
{
	DIR *depot = opendir(settings->depot);
	struct dirent *entry;
	struct error ignored;

	if (!depot)
		return fail_sys(err, "invalid depot directory %s: open %s", settings->depot, settings->depot);
	while ((entry = readdir(depot)))
		/* What cannot be a handle is nobody's container: a removal under way, an editor's backup. */
		if (name_check_handle(entry->d_name, &ignored) == 0)
			strings_add(handles, entry->d_name);
	closedir(depot);
	strings_sort(handles);
	return 0;
}
