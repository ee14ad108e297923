/* Containers and processes as JSON objects. Their keys are part of the command's contract, see README.md. */
#ifndef DEPOTCTL_INSPECT_H
#define DEPOTCTL_INSPECT_H

#include "common/ops/operations.h"

#include <json-c/json.h>

json_object *inspect_container(const char *handle, const struct container_info *info);
json_object *inspect_process(const char *handle, const char *id, const struct process *process);

#endif
