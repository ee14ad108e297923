#include "common/depot/names.h"
#include "common/ops/operations.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

int container_list(const struct settings *settings, struct strings *handles, struct error *err)
{
	DIR *depot = opendir(settings->depot);
	struct dirent *entry;

	if (!depot)
		return fail_sys(err, "invalid depot directory %s: open %s", settings->depot, settings->depot);
	while ((entry = readdir(depot)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			!strchr(entry->d_name, NAME_GONE_MARK))
			strings_add(handles, entry->d_name);
	closedir(depot);
	strings_sort(handles);
	return 0;
}
