/* After a start: what earlier programs left half done is finished, by workers, while requests are served already. */
#ifndef GUARDIAN_RECOVERY_H
#define GUARDIAN_RECOVERY_H

#include "common/depot/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* Looks for it in one worker, destroys it in others (all containers, if that is wanted), and then arms the grace times of the
 * others. attempts: how often a destroy that fails is tried, three seconds apart. finished(failed) is called when all of it is
 * done, with how many could not be destroyed; it may be NULL. */
void recovery_begin(const struct settings *settings, bool all, unsigned attempts, void (*finished)(size_t failed));

#endif
