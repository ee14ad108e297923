/* create: a container without any process but its init. */
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/verbs.h"

#include <stdio.h>

int verb_create(struct options *options)
{
	struct container_spec *container = &options->container;
	struct error err;
	json_object *made;

	if (!container->rootfs) {
		fail(&err, "--rootfs is missing");
		return misused(options, &err);
	}
	container->env = options->env;
	options->env = (struct strings){ 0 };
	if (container_create(&options->settings, container, &err) < 0)
		return failed(options, &err);
	if (!options->json) {
		puts(container->handle);
		return 0;
	}
	made = json_object_new_object();
	json_add_text(made, "handle", container->handle);
	json_print(made);
	return 0;
}
