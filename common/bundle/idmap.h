/* linux.uidMappings and linux.gidMappings: a container's root is the highest id of the host, which nobody else uses; all
 * other ids are a range that begins where the operator says. */
#ifndef COMMON_BUNDLE_IDMAP_H
#define COMMON_BUNDLE_IDMAP_H

#include "common/base/error.h"
#include "common/base/json.h"

#include <stdint.h>

/* length 0: as much as there is below highest. ERROR_BAD_INPUT when that is nothing. */
int idmap_rule(uint32_t start, uint32_t length, uint64_t highest, json_object **mappings, struct error *err);

/* An id inside to the one on the host: by the first mapping that has it, unchanged if none has. */
uint32_t idmap_apply(json_object *mappings, uint32_t id);

#endif
