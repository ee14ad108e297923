/* A container's properties, properties.json in its bundle: strings by name, replaced whole at each change. A change waits for no
 * operation on the container, only for another change. */
#ifndef COMMON_DEPOT_PROPERTIES_H
#define COMMON_DEPOT_PROPERTIES_H

#include "common/base/error.h"
#include "common/base/json.h"

/* All of them as an object of strings, which the caller puts; *properties is NULL where there is no such file, as in another
 * tool's bundle. */
int properties_load(int bundle_dir, json_object **properties, struct error *err);

/* Sets one, or removes it if value is NULL; one that is not there stays away. ERROR_BAD_INPUT for what is not UTF-8. */
int properties_set(int bundle_dir, const char *name, const char *value, struct error *err);

/* Puts these, an object of strings, in the place of all. */
int properties_replace(int bundle_dir, json_object *properties, struct error *err);

/* A value as a string of C and back. UTF-8 has no use for the bytes C0 80; here they stand for a NUL. The caller frees or puts
 * what comes back; NULL is as good as "". */
char *property_string(json_object *value);
json_object *property_value(const char *string);

#endif
