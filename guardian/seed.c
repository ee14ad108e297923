#include "guardian/seed.h"

#include "common/base/json.h"
#include "common/base/say.h"
#include "common/base/statefile.h"
#include "common/ops/operations.h"

#include <fcntl.h>
#include <string.h>

#define LARGEST (256 << 20)

static void seed_one(const struct settings *settings, const char *handle, json_object *properties)
{
	struct error err;

	if (container_seed_properties(settings, handle, properties, &err) < 0 && err.kind != ERROR_UNKNOWN_HANDLE)
		say(SAY_WARN, "properties of %s: %s", handle, err.text);
}

int seed_properties(const struct settings *settings, const char *path, struct error *err)
{
	autofree char *text = path ? statefile_read(AT_FDCWD, path, LARGEST, NULL) : NULL;
	autojson json_object *all = NULL;

	if (!text || !*text)
		return 0;
	all = json_parse(text, strlen(text), err);
	if (!json_object_is_type(all, json_type_object))
		return all ? fail(err, "properties file %s: not an object", path)
			   : wrap(err, "properties file %s", path);
	json_object_object_foreach(all, handle, properties)
	{
		if (json_object_is_type(properties, json_type_object))
			seed_one(settings, handle, properties);
	}
	return 0;
}

int seed_save(const struct settings *settings, const char *path, struct error *err)
{
	autojson json_object *all = json_object_new_object();
	autostrings struct strings handles = { 0 };
	autofree char *text = NULL;

	if (!path)
		return 0;
	if (container_list(settings, &handles, err) < 0)
		return -1;
	for (size_t i = 0; i < handles.count; i++) {
		json_object *properties = NULL;
		struct error ignored;

		if (container_properties(settings, handles.item[i], &properties, &ignored) == 0 && properties)
			json_object_object_add(all, handles.item[i], properties);
	}
	text = xprintf("%s\n",
		json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	return statefile_replace(path, text, strlen(text), 0644) < 0 ? fail_sys(err, "write %s", path) : 0;
}
