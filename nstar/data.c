#include "nstar/data.h"

#include "nstar/report.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXTENTS_MOST 65536 /* a map is held in memory: what follows so many holes is taken as data */
#define STEP (INT64_C(1) << 30)

void data_map(int fd, const struct stat *st, struct archive_entry *entry)
{
	off_t data = 0, hole;
	int extents = 0;

	if ((int64_t)st->st_blocks * 512 >= st->st_size)
		return;
	while ((data = lseek(fd, data, SEEK_DATA)) >= 0 && data < st->st_size) {
		hole = ++extents < EXTENTS_MOST ? lseek(fd, data, SEEK_HOLE) : st->st_size;
		if (hole < 0)
			break;
		if (hole > st->st_size)
			hole = st->st_size; /* it grows; libarchive would drop what it cannot be about */
		archive_entry_sparse_add_entry(entry, data, hole - data);
		data = hole;
	}
	if (data < 0 && errno != ENXIO)
		archive_entry_sparse_clear(entry); /* this file system cannot tell */
	else if (extents == 0)
		archive_entry_sparse_add_entry(entry, 0, 0); /* nothing but a hole */
}

/* libarchive passes bytes on, or counts them in holes, and does not look at them. So it is given much at once, zeros that take
 * no memory unless somebody does. */
static int copy_zeros(struct archive *out, int64_t len, const struct source *until)
{
	static void *zeros;

	if (!zeros)
		zeros = mmap(NULL, STEP, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (zeros == MAP_FAILED)
		return -1;
	for (; len > 0 && !(until && until->over); len -= STEP)
		if (archive_write_data(out, zeros, (size_t)(len < STEP ? len : STEP)) < 0)
			return -1;
	return 0;
}

/* 1 when all of it was there, 0 when not, -1 when it cannot be written. */
static int copy_data(int fd, int64_t at, int64_t len, const char *name, struct archive *out, struct stream *stream)
{
	struct source source = { .fd = fd, .at = at };
	int result;

	stream->source = &source;
	result = copy_zeros(out, len, &source);
	stream->source = NULL;
	if (result < 0)
		return -1;
	if (source.error)
		report_failure(name, "Read error at byte %lld: %s", (long long)source.at, report_reason(source.error));
	else if (source.over)
		report_changed(name, "File shrank by %lld bytes; padding with zeros",
			(long long)(at + len - source.at));
	return !source.over;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static void report_if_changed(int fd, const struct stat *before, const char *name)
{
	struct stat now;

	if (fstat(fd, &now) == 0 && (now.st_size != before->st_size || !same_time(&now.st_mtim, &before->st_mtim)))
		report_changed(name, "file changed as we read it");
}

/* As copy_data, for a file with holes. */
static int copy_extents(int fd, struct archive_entry *entry, struct archive *out, struct stream *stream)
{
	const char *name = archive_entry_pathname(entry);
	la_int64_t at = 0, data, len;
	int result = 1;

	if (archive_write_data(out, "", 0) < 0) /* so that the map is written even if no data follow */
		return -1;
	while (result > 0 && archive_entry_sparse_next(entry, &data, &len) == ARCHIVE_OK) {
		if (copy_zeros(out, data - at, NULL) < 0)
			return -1;
		result = copy_data(fd, data, len, name, out, stream);
		at = data + len;
	}
	return result;
}

int data_copy(int fd, const struct stat *st, struct archive_entry *entry, struct archive *out, struct stream *stream)
{
	const char *name = archive_entry_pathname(entry);
	int result;

	/* No extents may be asked for when there are none: libarchive's cursor is not good for anything then. */
	if (archive_entry_sparse_reset(entry) > 0)
		result = copy_extents(fd, entry, out, stream);
	else
		result = copy_data(fd, 0, st->st_size, name, out, stream);
	/* What is missing when it ended early libarchive fills with zeros. */
	if (result > 0)
		report_if_changed(fd, st, name);
	return result < 0 ? -1 : 0;
}
