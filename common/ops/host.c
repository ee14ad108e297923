#include "common/ops/operations.h"
#include "common/runtime/cgroup.h"

int host_setup(const struct settings *settings, struct error *err)
{
	autofree char *name = xprintf("garden%s%s", *settings->tag ? "-" : "", settings->tag);

	return cgroup_make(name, err);
}
