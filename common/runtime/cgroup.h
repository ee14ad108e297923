/* The control groups of a container, as the kernel tells them: v1, v2, or both beside each other. Directories are absolute
 * paths, one a hierarchy, as the record keeps them. */
#ifndef COMMON_RUNTIME_CGROUP_H
#define COMMON_RUNTIME_CGROUP_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <sys/types.h>

/* Adds the directories that pid is in (/proc/PID/cgroup, cgroups(7)), one for each mounted hierarchy; roots of a hierarchy
 * are left out. */
int cgroup_of(pid_t pid, struct strings *dirs, struct error *err);

/* Adds the directories in which a runtime may have put a container before anybody could ask it: path (as in the bundle, or
 * the handle where it names none) below our own group, and below the root, of each hierarchy. */
int cgroup_candidates(const char *path, const char *handle, struct strings *dirs, struct error *err);

/* Makes the directory name below our own group in each hierarchy that is mounted, unless it is there. */
int cgroup_make(const char *name, struct error *err);

/* The processes in the directories and below, each pid once; groups that are gone count as empty. */
struct pids {
	pid_t *pid;
	size_t count;
};
#define autopids __attribute__((cleanup(pids_free)))
void pids_free(struct pids *pids);
void pids_add(struct pids *pids, pid_t pid); /* unless it is there */
void cgroup_processes(const struct strings *dirs, struct pids *pids);

/* Whether the groups are frozen, by v1's freezer or v2's cgroup.freeze; *above tells whether by a group above them, which
 * cannot be undone from here. */
bool cgroup_frozen(const struct strings *dirs, bool *above);
void cgroup_thaw(const struct strings *dirs);

/* Kills everything in the groups at once where the kernel can (cgroup.kill, Linux 5.14). False if it cannot. */
bool cgroup_kill(const struct strings *dirs);

/* Removes the directories, those below first. EBUSY is tried again until timeout_ms is over. */
int cgroup_remove(const struct strings *dirs, int timeout_ms, struct error *err);

#endif
