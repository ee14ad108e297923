/* The properties file of the reference: {"HANDLE":{"NAME":"VALUE"}}. The depot is the truth here; the file only gives
 * properties to containers that have none in the depot, and is written for whoever takes over from us. */
#ifndef GUARDIAN_SEED_H
#define GUARDIAN_SEED_H

#include "common/base/error.h"
#include "common/depot/settings.h"

/* path may be NULL. A missing or empty file is an empty one; one that is no JSON is an error. */
int seed_properties(const struct settings *settings, const char *path, struct error *err);

/* Writes the file whole. path may be NULL. */
int seed_save(const struct settings *settings, const char *path, struct error *err);

#endif
