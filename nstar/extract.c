/* Stream in: libarchive reads the archive and writes the files.
 *
 * The kernel keeps everything in here inside the container, so links that were there before are followed. The locale must be
 * "C": there libarchive takes names byte for byte, in a UTF-8 one it would compose their accents. */
#include "nstar/extract.h"

#include "common/base/text.h"
#include "nstar/attributes.h"
#include "nstar/later.h"
#include "nstar/paths.h"
#include "nstar/report.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FLAGS (ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SECURE_NODOTDOT)
#define FILE_FLAGS (FLAGS | ARCHIVE_EXTRACT_TIME)
#define DIRECTORY_FLAGS (FLAGS | ARCHIVE_EXTRACT_PERM) /* one that is there already gets the archive's mode, too */

struct extraction {
	struct archive *reader, *disk;
	struct later later;
	char *parent; /* that of the last entry, which was a directory */
	mode_t umask;
	bool broken; /* nothing more can be read */
};

/* Whether what is above path is a directory, or missing. libarchive would remove anything else that is in the way. */
static bool has_place(struct extraction *x, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct stat st;

	if (len == 0 || (x->parent && strncmp(x->parent, path, len) == 0 && !x->parent[len]))
		return true;
	free(x->parent);
	x->parent = xprintf("%.*s", (int)len, path);
	if (stat(x->parent, &st) == 0 ? S_ISDIR(st.st_mode) : errno != ENOTDIR)
		return true;
	free(x->parent);
	x->parent = NULL;
	return false;
}

/* Why an entry is not for us; NULL if it is. */
static const char *refusal(struct archive_entry *entry)
{
	mode_t type = archive_entry_filetype(entry);

	if (!archive_entry_pathname(entry))
		return "The name cannot be read";
	if (type == AE_IFCHR || type == AE_IFBLK)
		return "Device nodes are not extracted";
	return NULL;
}

/* What the archive wants becomes what it gets. */
static void tame(struct extraction *x, struct archive_entry *entry)
{
	const char *target = archive_entry_hardlink(entry);
	autofree char *path = path_relative(archive_entry_pathname(entry));
	autofree char *inside = target ? path_relative(target) : NULL;

	archive_entry_set_pathname(entry, path);
	archive_entry_set_hardlink(entry, inside);
	/* Without a size a file ends where its data does, also when the stream ends early and the size was a lie. */
	if (target || archive_entry_sparse_count(entry) == 0)
		archive_entry_unset_size(entry);
	archive_entry_set_perm(entry, archive_entry_perm(entry) & 0777 & ~x->umask);
	archive_entry_unset_atime(entry);
}

static void copy_data(struct extraction *x, const char *name)
{
	const void *data;
	size_t len;
	la_int64_t offset;
	int result;

	while ((result = archive_read_data_block(x->reader, &data, &len, &offset)) == ARCHIVE_OK) {
		if (archive_write_data_block(x->disk, data, len, offset) < ARCHIVE_OK) {
			report_failure(name, "%s", stream_problem(x->disk));
			return;
		}
	}
	if (result != ARCHIVE_EOF)
		report_failure(name, "%s", stream_problem(x->reader));
	x->broken = result == ARCHIVE_FATAL;
}

/* Makes the entry with its data. False when it is not there. */
static bool make(struct extraction *x, struct archive_entry *entry, const char *name)
{
	bool directory = archive_entry_filetype(entry) == AE_IFDIR;
	int result;

	archive_write_disk_set_options(x->disk, directory ? DIRECTORY_FLAGS : FILE_FLAGS);
	if (archive_write_header(x->disk, entry) < ARCHIVE_WARN) {
		report_failure(name, "%s", stream_problem(x->disk));
		return false;
	}
	if (archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry))
		copy_data(x, name);
	result = archive_write_finish_entry(x->disk);
	/* A warning means that it is there, but that some of its attributes or times are not ours to set. */
	if (result < ARCHIVE_WARN)
		report_failure(name, "%s", stream_problem(x->disk));
	else if (result < ARCHIVE_OK)
		report_warning(name, "%s", stream_problem(x->disk));
	return true;
}

/* What is left to do for an entry that is there, now or at the end. */
static int follow_up(struct extraction *x, struct archive_entry *entry, const char *target)
{
	if (target)
		return later_link(&x->later, entry, target);
	if (archive_entry_hardlink(entry))
		return later_hard_link(&x->later, entry);
	if (archive_entry_filetype(entry) == AE_IFDIR)
		later_directory(&x->later, entry);
	else if (attributes_set_lists(archive_entry_pathname(entry), entry) < 0)
		report_warning(archive_entry_pathname(entry), "Cannot set access control lists: %s",
			report_reason(errno));
	return 0;
}

static void extract_entry(struct extraction *x, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry), *why = refusal(entry);
	autofree char *shown = xstrdup(name ? name : "archive"), *target = NULL;

	if (why) {
		report_failure(shown, "%s", why);
		return;
	}
	tame(x, entry);
	target = later_disguise(entry);
	if (!has_place(x, archive_entry_pathname(entry)))
		report_failure(shown, "%s", report_reason(ENOTDIR));
	else if (make(x, entry, shown) && follow_up(x, entry, target) < 0)
		report_failure(shown, "Cannot find it again: %s", report_reason(errno));
}

static void extract_all(struct extraction *x)
{
	struct archive_entry *entry;
	int result;

	while (!x->broken && (result = archive_read_next_header(x->reader, &entry)) != ARCHIVE_EOF) {
		x->broken = result == ARCHIVE_FATAL;
		/* In this locale a name that is not ASCII alone is already worth a warning. */
		if (result == ARCHIVE_OK || result == ARCHIVE_WARN)
			extract_entry(x, entry);
		else
			report_failure("archive", "%s", stream_problem(x->reader));
	}
}

void extract(struct stream *in)
{
	struct extraction x = { .reader = archive_read_new(), .disk = archive_write_disk_new(), .umask = umask(0) };

	umask(x.umask);
	later_begin(&x.later);
	in->block = xmalloc(STREAM_BLOCK);
	archive_read_support_format_tar(x.reader);
	archive_read_support_format_empty(x.reader);
	if (archive_read_open(x.reader, in, NULL, stream_read, NULL) == ARCHIVE_OK)
		extract_all(&x);
	else
		report_failure("archive", "%s", stream_problem(x.reader));
	if (!x.broken)
		stream_drain(in);
	later_finish(&x.later, x.disk);
	archive_write_close(x.disk); /* now directories get their modes, as far as they are ours */
	later_free(&x.later);
	archive_write_free(x.disk);
	archive_read_free(x.reader);
	free(x.parent);
	free(in->block);
}
