#include "common/bundle/idmap.h"

#include "common/base/object.h"

#include <inttypes.h>

static void add_mapping(json_object *mappings, uint64_t inside, uint64_t outside, uint64_t size)
{
	json_object *mapping = json_object_new_object();

	object_add_unsigned(mapping, "containerID", inside);
	object_add_unsigned(mapping, "hostID", outside);
	object_add_unsigned(mapping, "size", size);
	array_add(mappings, mapping);
}

int idmap_rule(uint32_t start, uint32_t length, uint64_t highest, json_object **mappings, struct error *err)
{
	if (length == 0 && start >= highest)
		return fail_kind(err, ERROR_BAD_INPUT,
			"ids cannot be mapped from %" PRIu32 " on: the highest id here is %" PRIu64, start, highest);
	*mappings = json_object_new_array();
	add_mapping(*mappings, 0, highest, 1);
	add_mapping(*mappings, 1, start, length ? length : highest - start);
	return 0;
}

uint32_t idmap_apply(json_object *mappings, uint32_t id)
{
	if (!json_object_is_type(mappings, json_type_array))
		return id;
	for (size_t i = 0; i < json_object_array_length(mappings); i++) {
		json_object *mapping = json_object_array_get_idx(mappings, i);
		uint64_t inside = json_number(mapping, "containerID");

		if (id >= inside && id - inside < json_number(mapping, "size"))
			return (uint32_t)(json_number(mapping, "hostID") + (id - inside));
	}
	return id;
}
