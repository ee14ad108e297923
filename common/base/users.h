/* Names to ids, groups and home directories, from the passwd and group files below a container's root. Never the C
 * library's lookups: they would talk to sockets that the container controls. */
#ifndef COMMON_BASE_USERS_H
#define COMMON_BASE_USERS_H

#include "common/base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	gid_t gid;
	char *home;
	gid_t *groups; /* supplementary groups, in the order of the group file */
	size_t group_count;
};

#define autouser __attribute__((cleanup(user_free)))
void user_free(struct user *user);

/* Resolves "", "name", "uid", "name:group", "uid:gid" below the directory root, by the rules that processes of a container
 * get: a number needs no entry, and supplementary groups come only with an entry and without a group. A file that is
 * missing, unreadable or not regular counts as empty (see accounts.h), but without a passwd file "root" is 0:0 with home
 * "/". */
int user_lookup(int root, const char *wanted, struct user *user, struct error *err);

/* The passwd entry of exactly that name (a number is a name like any other here), with the user's supplementary groups.
 * Without a passwd file "root" is 0:0 with home "/". 0; -1 with errno 0 when there is no such entry, or with the errno of
 * the file. */
int user_find_name(int root, const char *name, struct user *user);

#endif
