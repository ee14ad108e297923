/* Extended attributes, capabilities and access control lists among them. libarchive restores all but the lists, for it has
 * other means for those; tar, whose archives these are, treats them as attributes like any other. */
#ifndef NSTAR_ATTRIBUTES_H
#define NSTAR_ATTRIBUTES_H

#include <archive_entry.h>
#include <stdbool.h>

/* Adds those of an open file to entry. -1 with errno when some cannot be read. */
int attributes_read(int fd, struct archive_entry *entry);

/* Whether entry has access control lists. */
bool attributes_have_lists(struct archive_entry *entry);

/* Sets them at path. -1 with errno when some cannot be set. */
int attributes_set_lists(const char *path, struct archive_entry *entry);

#endif
