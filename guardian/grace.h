/* Grace time: how long a container may live with nobody asking for it. At most one countdown a container; a request for it
 * stops the countdown, and the end of the last one starts it anew, from the full time. */
#ifndef GUARDIAN_GRACE_H
#define GUARDIAN_GRACE_H

#include "common/depot/settings.h"

#include <stdint.h>

#define PROPERTY_GRACE_TIME "garden.grace-time" /* decimal nanoseconds, in the depot */

/* The settings that destroying an expired container takes. */
void grace_setup(const struct settings *settings);

/* A container that is there now: its grace time is read from its properties, and the countdown begins. */
void grace_begin(const char *handle);

/* All containers in the depot. */
void grace_begin_all(void);

/* Around each request for the container; they nest. */
void grace_pause(const char *handle);
void grace_resume(const char *handle);

/* A new time. With nobody asking for the container it counts from now, and 0 means at once; otherwise it holds from the end of
 * the last request on, and 0 means never. */
void grace_set(const char *handle, int64_t grace_ns);

/* The container is gone. */
void grace_forget(const char *handle);

#endif
