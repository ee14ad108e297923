/* The names in an archive, which lead nowhere but down. What makes them so is what tar does. */
#ifndef NSTAR_PATHS_H
#define NSTAR_PATHS_H

/* What stands behind the last ".." of path: all of it, if there is none. */
const char *path_below_dotdot(const char *path);

/* The path without slashes at its ends, "." if nothing is left; the caller frees it. */
char *path_relative(const char *path);

#endif
