#include "common/base/fd.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"

int container_cpu_limit(const struct settings *settings, const char *handle, uint64_t *shares, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);

	*shares = record.cpu_shares;
	return dir < 0 ? -1 : 0;
}

int container_memory_limit(const struct settings *settings, const char *handle, uint64_t *bytes, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);

	*bytes = record.memory_bytes;
	return dir < 0 ? -1 : 0;
}
