/* The debug endpoint: what the daemon counts, its variables, and its log level. Another listening socket, other routes. */
#ifndef GUARDIAN_DEBUG_H
#define GUARDIAN_DEBUG_H

#include "guardian/routes.h"

extern const struct route debug_routes[];
extern const size_t debug_route_count;

/* What /debug/vars shows as cmdline. Borrowed. */
void debug_setup(int argc, char **argv);

#endif
