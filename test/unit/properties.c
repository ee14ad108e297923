/* Properties as functions, for properties.bats. The depot is $DEPOT.
 *
 *	properties all HANDLE | get HANDLE NAME | set HANDLE NAME VALUE | remove HANDLE NAME
 *	properties replace HANDLE OBJECT
 *	properties find [NAME VALUE]...
 *	properties many HANDLE PREFIX COUNT     sets PREFIX0, PREFIX1 ... one after the other */
#include "common/base/object.h"
#include "common/depot/names.h"
#include "common/ops/operations.h"
#include "guardian/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings settings;
static struct error err;

static int failed(void)
{
	fprintf(stderr, "%s\n", err.text);
	return err.kind == ERROR_UNKNOWN_HANDLE ? 4 : 1;
}

static int all(const char *handle)
{
	autotext struct text text = { 0 };
	json_object *properties;

	if (container_properties(&settings, handle, &properties, &err) < 0)
		return failed();
	object_write_anyway(properties, &text);
	puts(text_string(&text));
	return 0;
}

static int get(const char *handle, const char *name)
{
	autofree char *value = NULL;

	if (container_property(&settings, handle, name, &value, &err) < 0)
		return failed();
	puts(value);
	return 0;
}

static int replace(const char *handle, const char *object)
{
	autojson json_object *properties = json_parse(object, strlen(object), &err);

	if (!properties || container_set_properties(&settings, handle, properties, &err) < 0)
		return failed();
	return 0;
}

static int find(int argc, char **argv)
{
	autostrings struct strings wanted = { 0 }, handles = { 0 };

	for (int i = 0; i < argc; i++)
		strings_add(&wanted, argv[i]);
	if (lookup_handles(&settings, &wanted, &handles, &err) < 0)
		return failed();
	for (size_t i = 0; i < handles.count; i++)
		puts(handles.item[i]);
	return 0;
}

static int many(const char *handle, const char *prefix, int count)
{
	for (int i = 0; i < count; i++) {
		autofree char *name = xprintf("%s%d", prefix, i);

		if (container_set_property(&settings, handle, name, prefix, &err) < 0)
			return failed();
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *handle = argc > 2 ? argv[2] : "";

	settings_default(&settings);
	settings_set(&settings.depot, getenv("DEPOT"));
	settings.runtime_root = settings_runtime_root(settings.runtime);
	if (!strcmp(verb, "all"))
		return all(handle);
	if (!strcmp(verb, "find"))
		return find(argc - 2, argv + 2);
	if (!strcmp(verb, "get") && argc == 4)
		return get(handle, argv[3]);
	if (!strcmp(verb, "set") && argc == 5)
		return container_set_property(&settings, handle, argv[3], argv[4], &err) < 0 ? failed() : 0;
	if (!strcmp(verb, "remove") && argc == 4)
		return container_set_property(&settings, handle, argv[3], NULL, &err) < 0 ? failed() : 0;
	if (!strcmp(verb, "replace") && argc == 4)
		return replace(handle, argv[3]);
	if (!strcmp(verb, "many") && argc == 5)
		return many(handle, argv[3], atoi(argv[4]));
	return 2;
}
