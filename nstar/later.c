#include "nstar/later.h"

#include "common/base/text.h"
#include "nstar/attributes.h"
#include "nstar/paths.h"
#include "nstar/report.h"
#include "nstar/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct task {
	struct task *next;
	char *path;
	struct timespec mtime;
	char *target;            /* of a link; NULL for a directory */
	const struct task *twin; /* the same link under another name, which is made before */
	dev_t dev;               /* of the file that stands for the link */
	ino_t ino;
	bool made;
	struct archive_entry *lists; /* of a directory; NULL if there are none */
};

void later_begin(struct later *later)
{
	later->first = NULL;
	later->end = &later->first;
}

static struct task *add(struct later *later, const char *path, struct timespec mtime)
{
	struct task *task = xmalloc(sizeof *task);

	task->path = xstrdup(path);
	task->mtime = mtime;
	*later->end = task;
	later->end = &task->next;
	return task;
}

static struct timespec mtime_of(struct archive_entry *entry)
{
	return (struct timespec){ archive_entry_mtime(entry), archive_entry_mtime_nsec(entry) };
}

char *later_disguise(struct archive_entry *entry)
{
	const char *target = archive_entry_symlink(entry);
	char *kept;

	if (!target || (*target != '/' && path_below_dotdot(target) == target))
		return NULL;
	kept = xstrdup(target);
	archive_entry_set_symlink(entry, NULL);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0);
	return kept;
}

static struct task *add_link(struct later *later, const char *path, const struct stat *st, const char *target,
	struct timespec mtime)
{
	struct task *task = add(later, path, mtime);

	task->target = xstrdup(target);
	task->dev = st->st_dev;
	task->ino = st->st_ino;
	return task;
}

int later_link(struct later *later, struct archive_entry *entry, const char *target)
{
	const char *path = archive_entry_pathname(entry);
	struct stat st;

	if (lstat(path, &st) < 0)
		return -1;
	add_link(later, path, &st, target, mtime_of(entry));
	return 0;
}

static bool stands_there(const struct task *task, const struct stat *st)
{
	return task->target && task->dev == st->st_dev && task->ino == st->st_ino && S_ISREG(st->st_mode) &&
		st->st_size == 0;
}

int later_hard_link(struct later *later, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	struct stat st;

	if (lstat(path, &st) < 0)
		return -1;
	for (const struct task *task = st.st_size ? NULL : later->first; task; task = task->next) {
		if (!stands_there(task, &st))
			continue;
		add_link(later, path, &st, task->target, task->mtime)->twin = task;
		break;
	}
	return 0;
}

void later_directory(struct later *later, struct archive_entry *entry)
{
	struct task *task = add(later, archive_entry_pathname(entry), mtime_of(entry));

	if (attributes_have_lists(entry))
		task->lists = archive_entry_clone(entry);
}

static void make_link(struct task *task, struct archive *disk)
{
	struct archive_entry *entry;
	struct stat st;

	/* A later member of that name may have replaced the file. */
	if (lstat(task->path, &st) < 0 || !stands_there(task, &st))
		return;
	entry = archive_entry_new();
	archive_entry_set_pathname(entry, task->path);
	archive_entry_set_filetype(entry, AE_IFLNK);
	archive_entry_set_symlink(entry, task->target);
	archive_entry_set_mtime(entry, task->mtime.tv_sec, task->mtime.tv_nsec);
	if (task->twin && task->twin->made)
		archive_entry_set_hardlink(entry, task->twin->path);
	task->made = archive_write_header(disk, entry) >= ARCHIVE_WARN &&
		archive_write_finish_entry(disk) >= ARCHIVE_WARN;
	if (!task->made)
		report_failure(task->path, "%s", stream_problem(disk));
	archive_entry_free(entry);
}

static void finish_directory(const struct task *task)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, task->mtime };

	if (task->lists && attributes_set_lists(task->path, task->lists) < 0)
		report_warning(task->path, "Cannot set access control lists: %s", report_reason(errno));
	/* Not ours, if it was there before: then it keeps the time. */
	(void)utimensat(AT_FDCWD, task->path, times, AT_SYMLINK_NOFOLLOW);
}

void later_finish(struct later *later, struct archive *disk)
{
	/* A link that is made changes its directory's time, and may stand behind it in the archive. */
	for (struct task *task = later->first; task; task = task->next)
		if (task->target)
			make_link(task, disk);
	for (const struct task *task = later->first; task; task = task->next)
		if (!task->target)
			finish_directory(task);
}

void later_free(struct later *later)
{
	while (later->first) {
		struct task *task = later->first;

		later->first = task->next;
		archive_entry_free(task->lists);
		free(task->path);
		free(task->target);
		free(task);
	}
	later_begin(later);
}
