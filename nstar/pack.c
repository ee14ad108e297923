/* Stream out: a walk over a directory tree, and libarchive's pax writer.
 *
 * The walk goes by open directories, follows no link and never goes up, so whoever renames things in the container meanwhile
 * can lead it nowhere; and it does not wait for what he puts in a file's place. libarchive's own walk would do both. */
#include "nstar/pack.h"

#include "common/base/fd.h"
#include "common/base/text.h"
#include "nstar/attributes.h"
#include "nstar/data.h"
#include "nstar/paths.h"
#include "nstar/report.h"

#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 2048     /* levels of directories, each of them open; as deep as one path can name */
#define LAST_BLOCK 10240 /* the archive is padded to a multiple of it, as tar does */

struct packing {
	struct archive *out;
	struct archive_entry *entry;
	struct archive_entry_linkresolver *links;
	struct names *users, *groups;
	struct text path; /* of the entry at hand, as the archive has it */
	struct stream *stream;
	size_t written; /* entries */
	int depth;
	bool broken; /* nothing more can be written */
};

static void pack_entry(struct packing *p, int dir, const char *name);

static const char *path(const struct packing *p)
{
	return text_string(&p->path);
}

/* What was there a moment ago has gone, or something else stands there: open says ELOOP of a link and ENXIO of a socket,
 * readlink EINVAL of anything that is no link. */
static bool is_gone(int number)
{
	return number == ENOENT || number == ELOOP || number == ENXIO || number == EINVAL;
}

static void cannot(const struct packing *p, const char *what)
{
	if (p->depth > 0 && is_gone(errno))
		report_changed(path(p), "File removed before we read it");
	else
		report_failure(path(p), "Cannot %s: %s", what, report_reason(errno));
}

static void break_off(struct packing *p)
{
	report_failure(path(p), "%s", stream_problem(p->out));
	p->broken = true;
}

/* The header, but for what only the open file can tell. */
static void describe(struct packing *p, const struct stat *st)
{
	archive_entry_clear(p->entry);
	archive_entry_copy_stat(p->entry, st);
	archive_entry_unset_atime(p->entry);
	archive_entry_unset_ctime(p->entry);
	archive_entry_copy_pathname(p->entry, path(p));
	archive_entry_copy_uname(p->entry, names_find(p->users, st->st_uid));
	archive_entry_copy_gname(p->entry, names_find(p->groups, st->st_gid));
}

static void describe_attributes(struct packing *p, int fd)
{
	if (attributes_read(fd, p->entry) < 0)
		report_warning(path(p), "Cannot read extended attributes: %s", report_reason(errno));
}

/* Makes it a link if its file is in the archive already, under another name. */
static bool describe_link(struct packing *p)
{
	struct archive_entry *held = NULL;

	archive_entry_linkify(p->links, &p->entry, &held);
	return archive_entry_hardlink(p->entry) != NULL;
}

static bool write_header(struct packing *p)
{
	int result = archive_write_header(p->out, p->entry);

	if (result == ARCHIVE_FATAL)
		break_off(p);
	else if (result < ARCHIVE_WARN)
		report_failure(path(p), "%s", stream_problem(p->out));
	else
		p->written++;
	return result >= ARCHIVE_WARN;
}

static void finish_entry(struct packing *p)
{
	if (archive_write_finish_entry(p->out) < ARCHIVE_WARN)
		break_off(p);
}

static void pack_file(struct packing *p, int fd, const struct stat *st)
{
	bool link;

	if (st->st_size > DATA_MOST) {
		report_failure(path(p), "%s", report_reason(EFBIG));
		return;
	}
	describe(p, st);
	link = describe_link(p);
	if (!link) {
		describe_attributes(p, fd);
		data_map(fd, st, p->entry);
	}
	if (!write_header(p))
		return;
	if (!link && data_copy(fd, st, p->entry, p->out, p->stream) < 0)
		break_off(p);
	else
		finish_entry(p);
}

static void pack_children(struct packing *p, DIR *dir)
{
	size_t len = p->path.len;
	struct dirent *child;

	while (errno = 0, !p->broken && (child = readdir(dir))) {
		if (strcmp(child->d_name, ".") == 0 || strcmp(child->d_name, "..") == 0)
			continue;
		text_addf(&p->path, "/%s", child->d_name);
		pack_entry(p, dirfd(dir), child->d_name);
		p->path.len = len;
		p->path.data[len] = '\0';
	}
	if (!p->broken && errno)
		report_failure(path(p), "Cannot read directory: %s", report_reason(errno));
}

/* Takes fd. */
static void pack_directory(struct packing *p, int fd, const struct stat *st)
{
	DIR *dir;

	describe(p, st);
	describe_attributes(p, fd);
	if (write_header(p))
		finish_entry(p);
	dir = p->depth < DEEPEST ? fdopendir(fd) : NULL;
	if (!dir) {
		report_failure(path(p), "Nested too deeply");
		close(fd);
		return;
	}
	p->depth++;
	pack_children(p, dir);
	p->depth--;
	closedir(dir);
}

/* FIFOs and devices too, and links if there is a target: all that is nothing but a header. */
static void pack_special(struct packing *p, const struct stat *st, const char *target)
{
	describe(p, st);
	archive_entry_copy_symlink(p->entry, target);
	(void)describe_link(p); /* with data or without makes no difference here */
	if (write_header(p))
		finish_entry(p);
}

static void pack_symlink(struct packing *p, int dir, const char *name, const struct stat *st)
{
	static char target[PATH_MAX]; /* static, since directories are packed by recursion */
	ssize_t len = readlinkat(dir, name, target, sizeof target - 1);

	if (len < 0) {
		cannot(p, "read symlink");
		return;
	}
	target[len] = '\0';
	pack_special(p, st, target);
}

static void pack_opened(struct packing *p, int dir, const char *name, mode_t type)
{
	autoclose int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		cannot(p, "open");
	} else if ((st.st_mode & S_IFMT) != type) {
		errno = ENOENT;
		cannot(p, "open");
	} else if (type == S_IFDIR) {
		pack_directory(p, fd_take(&fd), &st);
	} else {
		pack_file(p, fd, &st);
	}
}

static void pack_entry(struct packing *p, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		cannot(p, "stat");
	else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		pack_opened(p, dir, name, st.st_mode & S_IFMT);
	else if (S_ISLNK(st.st_mode))
		pack_symlink(p, dir, name, &st);
	else if (S_ISSOCK(st.st_mode))
		report_warning(path(p), "socket ignored");
	else
		pack_special(p, &st, NULL);
}

static void begin(struct packing *p, const char *member, struct stream *out)
{
	autofree char *name = path_relative(path_below_dotdot(member));

	text_addf(&p->path, "%s", name);
	p->entry = archive_entry_new();
	p->links = archive_entry_linkresolver_new();
	p->stream = out;
	out->block = xmalloc(STREAM_BLOCK);
	p->out = archive_write_new();
	archive_entry_linkresolver_set_strategy(p->links, ARCHIVE_FORMAT_TAR);
	archive_write_set_format_pax(p->out);
	archive_write_set_format_option(p->out, "pax", "xattrheader", "SCHILY"); /* the one that tar knows */
	archive_write_set_bytes_per_block(p->out, 0);                            /* the stream gathers what is small */
	if (archive_write_open(p->out, out, NULL, stream_write, NULL) != ARCHIVE_OK)
		break_off(p);
}

static void end(struct packing *p)
{
	/* Of nothing but an error no archive is made: the reader gets no bytes, rather than those of an empty one. */
	if (p->written == 0 && report_status() == STATUS_FAILED)
		archive_write_fail(p->out);
	else if (!p->broken &&
		(archive_write_close(p->out) != ARCHIVE_OK || stream_finish(p->out, p->stream, LAST_BLOCK) < 0))
		break_off(p);
	archive_write_free(p->out);
	archive_entry_linkresolver_free(p->links);
	archive_entry_free(p->entry);
	text_free(&p->path);
	free(p->stream->block);
}

void pack(const char *member, struct names *users, struct names *groups, struct stream *out)
{
	struct packing p = { .users = users, .groups = groups };

	begin(&p, member, out);
	if (!p.broken)
		pack_entry(&p, AT_FDCWD, member);
	end(&p);
}
