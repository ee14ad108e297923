/* Finds containers by their properties. What was read of a container is kept, so that asking again costs two stats for each and
 * no parsing; the depot remains the truth, whoever changes it. */
#ifndef GUARDIAN_LOOKUP_H
#define GUARDIAN_LOOKUP_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/depot/settings.h"

/* Adds the handles whose properties equal all pairs of wanted (name, value, name, value, ...), sorted; a property that is missing
 * equals "". Without "garden.state" among them only created containers count, and its value "all" lifts that. */
int lookup_handles(const struct settings *settings, const struct strings *wanted, struct strings *handles,
	struct error *err);

#endif
