#include "depotctl/forget.h"

#include "common/ops/operations.h"
#include "depotctl/failed.h"

int forget_if_asked(const struct options *options, const char *handle, const char *id, int code)
{
	struct error err;

	if (options->forget && process_forget(&options->settings, handle, id, &err) < 0)
		return failed(options, &err);
	return code;
}
