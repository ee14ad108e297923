#include "common/depot/properties.h"

#include "common/base/fd.h"
#include "common/base/object.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"

#include <string.h>

/* Properties that nobody has to store, because the record tells them: a container is there for the world from the end of its
 * creation to that of its destruction, and a failed destruction must not hide it. */
static const char *told_by_record(const struct record *record, const char *name)
{
	bool was_created = record->state == RECORD_CREATED ||
		(record->state == RECORD_DESTROYING && record->init.pid != 0);

	if (!strcmp(name, "garden.state"))
		return was_created ? "created" : NULL;
	if (!strcmp(name, "rundmc.state"))
		return record->stopped ? "stopped" : NULL;
	return NULL;
}

static void add_told(json_object **properties, const struct record *record)
{
	static const char *const names[] = { "garden.state", "rundmc.state" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = told_by_record(record, names[i]);

		if (!value || json_object_object_get_ex(*properties, names[i], NULL))
			continue;
		if (!*properties)
			*properties = json_object_new_object();
		object_add_string(*properties, names[i], value);
	}
}

/* The bundle's directory; -1 with err, whose kind is ERROR_UNKNOWN_HANDLE also for what cannot be a handle. */
static int directory(const struct settings *settings, const char *handle, struct error *err)
{
	int dir = container_directory(settings, handle, err);

	if (dir < 0 && err->kind == ERROR_BAD_INPUT)
		return fail_kind(err, ERROR_UNKNOWN_HANDLE, "unknown handle: %s", handle);
	return dir;
}

int container_properties(const struct settings *settings, const char *handle, json_object **properties,
	struct error *err)
{
	autoclose int dir = directory(settings, handle, err);
	autorecord struct record record = { 0 };
	struct error unreadable;

	*properties = NULL;
	if (dir < 0)
		return err->kind == ERROR_UNKNOWN_HANDLE ? 0 : -1;
	if (properties_load(dir, properties, err) < 0)
		return -1;
	if (container_record(settings, dir, &record, &unreadable) == 0)
		add_told(properties, &record);
	return 0;
}

int container_property(const struct settings *settings, const char *handle, const char *key, char **value,
	struct error *err)
{
	autoclose int dir = directory(settings, handle, err);
	autojson json_object *properties = NULL;
	autorecord struct record record = { 0 };
	json_object *stored;
	struct error unreadable;
	const char *told = NULL;

	if ((dir < 0 && err->kind != ERROR_UNKNOWN_HANDLE) || (dir >= 0 && properties_load(dir, &properties, err) < 0))
		return -1;
	if (json_object_object_get_ex(properties, key, &stored)) {
		*value = property_string(stored);
		return 0;
	}
	if (dir >= 0 && container_record(settings, dir, &record, &unreadable) == 0)
		told = told_by_record(&record, key);
	if (!told)
		return fail(err, "property does not exist: %s", key);
	*value = xstrdup(told);
	return 0;
}

int container_set_property(const struct settings *settings, const char *handle, const char *key, const char *value,
	struct error *err)
{
	autoclose int dir = directory(settings, handle, err);

	if (dir < 0)
		return err->kind == ERROR_UNKNOWN_HANDLE ? 0 : -1;
	return properties_set(dir, key, value, err);
}

int container_set_properties(const struct settings *settings, const char *handle, json_object *properties,
	struct error *err)
{
	autoclose int dir = directory(settings, handle, err);

	return dir < 0 ? -1 : properties_replace(dir, properties, err);
}

int container_seed_properties(const struct settings *settings, const char *handle, json_object *properties,
	struct error *err)
{
	autoclose int dir = directory(settings, handle, err);
	autojson json_object *stored = NULL;

	if (dir < 0 || properties_load(dir, &stored, err) < 0)
		return -1;
	return stored ? 0 : properties_replace(dir, properties, err);
}
