/* What was half done when somebody died, found from the files alone. */
#ifndef COMMON_OPS_RECOVER_H
#define COMMON_OPS_RECOVER_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/depot/settings.h"

#include <stdbool.h>

/* Adds the handles that only destroying is left for: creations and destructions that nobody is at any more, containers from
 * before a reboot, removals that were interrupted. A bundle of another tool is never among them, whatever state it is in. */
int depot_half_done(const struct settings *settings, struct strings *handles, struct error *err);

/* Marks all containers as being destroyed, so that whoever looks afterwards finds them half done. */
int depot_doom_all(const struct settings *settings, struct error *err);

#endif
