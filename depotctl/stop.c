/* stop: end what runs in some containers, but not the containers. */
#include "common/ops/operations.h"
#include "depotctl/failed.h"
#include "depotctl/verbs.h"

int verb_stop(struct options *options)
{
	struct error err;
	int code = 0;

	for (size_t i = 0; i < options->arg_count; i++)
		if (container_stop(&options->settings, options->args[i], options->kill, &err) < 0)
			code = failed(options, &err);
	return code;
}
