#include "common/bundle/env.h"

#include "common/base/object.h"

#include <string.h>

static void add_all(json_object *env, const struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		array_add_string(env, list->item[i]);
}

json_object *env_of_container(const struct strings *image, const struct strings *request)
{
	json_object *env = json_object_new_array();

	add_all(env, image);
	add_all(env, request);
	return env;
}

static void default_to(struct strings *env, const char *name, const char *value)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->item[i], name, len) == 0 && env->item[i][len] == '=')
			return;
	strings_addf(env, "%s=%s", name, value);
}

json_object *env_of_process(json_object *container, const struct strings *request, uid_t uid, const char *user)
{
	autostrings struct strings env = { 0 };

	json_to_strings(container, &env);
	for (size_t i = 0; i < request->count; i++)
		strings_add(&env, request->item[i]);
	default_to(&env, "PATH",
		uid == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
			 : "/usr/local/bin:/usr/bin:/bin");
	default_to(&env, "USER", *user ? user : "root");
	return json_of_strings(&env);
}
