/* The way into a container: its namespaces, a user of it, a directory in it; and what is given up on the way. Every step
 * that fails ends nstar. */
#ifndef NSTAR_ENTER_H
#define NSTAR_ENTER_H

#include "common/base/users.h"

/* Joins the mount and user namespaces of the process pid, all of that one process; root and working directory are the
 * container's from then on. Returns a descriptor that becomes readable when that process ends. */
int enter_container(const char *pid);

/* The passwd entry in there of exactly that name. */
void enter_find_user(const char *name, struct user *user);

/* Changes to the user's home, then becomes root of the container. */
void enter_home(const struct user *user);

/* Makes a directory with all that is missing above it, as the user's, wherever it is. */
void enter_make(const char *directory, const struct user *user);

/* Changes to it. */
void enter_directory(const char *directory);

/* Becomes the user for good; root keeps the capabilities that concern files. */
void enter_user(const struct user *user);

#endif
