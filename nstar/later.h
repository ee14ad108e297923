/* What extraction can do only once everything else is there.
 *
 * Symbolic links that lead out of the destination, absolute ones or with a ".." in them: until then an empty file stands for
 * each, so that no later member of the archive can go through it. Times of directories, which change with what is put into
 * them, and their access control lists, which files in them would inherit. tar does all this, too. */
#ifndef NSTAR_LATER_H
#define NSTAR_LATER_H

#include <archive.h>
#include <archive_entry.h>

struct later {
	struct task *first, **end;
};

void later_begin(struct later *later);
void later_free(struct later *later);

/* If entry is a link that leads out it becomes an empty file. Its target, which the caller frees; NULL if it is none. */
char *later_disguise(struct archive_entry *entry);

/* Remembers the target of such a link, whose file is there now. -1 with errno. */
int later_link(struct later *later, struct archive_entry *entry, const char *target);

/* A hard link that is there now stands for the same symbolic link, if its file does. -1 with errno. */
int later_hard_link(struct later *later, struct archive_entry *entry);

/* Remembers times and access control lists of a directory. */
void later_directory(struct later *later, struct archive_entry *entry);

/* Does it all, in the order of the archive. What fails is reported. */
void later_finish(struct later *later, struct archive *disk);

#endif
