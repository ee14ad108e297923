/* Files in and out of a container: nstar does it, with the caller's descriptor as its standard input or output. Neither has a
 * time limit, since the other side sets the pace; nstar itself ends when the container does. */
#include "common/ops/operations.h"

#include "common/base/fd.h"
#include "common/base/spawn.h"
#include "common/ops/container.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MOST 4096 /* of what nstar says, the beginning is kept */

static const char own_words[] = "nstar: ";

struct transfer {
	const char *direction; /* "in" or "out" */
	const char *user;      /* NULL or "": root */
	const char *directory;
	const char *member; /* to be packed; NULL when unpacking */
	int fd;
};

/* What nstar says, to the end of it, so that it never waits for us. */
static void collect(int fd, struct text *output)
{
	char block[OUTPUT_MOST];
	ssize_t len;

	while ((len = fd_read_full(fd, block, sizeof block)) > 0) {
		size_t room = OUTPUT_MOST - output->len;

		text_add(output, block, (size_t)len < room ? (size_t)len : room);
	}
}

/* Runs nstar. Its wait status, or -1 with errno when it could not be started. */
static int run_nstar(const struct settings *settings, const struct transfer *transfer, pid_t pid, struct text *output)
{
	autostrings struct strings argv = { 0 };
	int ends[2];
	pid_t child;

	strings_add(&argv, settings->nstar);
	strings_add(&argv, settings->tar); /* not used, but in the contract */
	strings_addf(&argv, "%d", (int)pid);
	strings_add(&argv, transfer->user && *transfer->user ? transfer->user : "root");
	strings_add(&argv, transfer->directory);
	if (transfer->member)
		strings_add(&argv, transfer->member);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	/* The map's last line is for unpacking alone: packing has the stream there. */
	struct fdmap map[] = { { transfer->fd, transfer->member ? 1 : 0 }, { ends[1], 2 }, { ends[1], 1 } };
	child = spawn(argv.item, map, transfer->member ? 2 : 3);
	fd_close(&ends[1]);
	if (child > 0)
		collect(ends[0], output);
	fd_close(&ends[0]);
	return child < 0 ? -1 : spawn_wait(child, -1);
}

/* Packing ends with 1 when a file changed meanwhile, which is no failure. So it does when it could not begin, but then the
 * words are not those about an entry. */
static bool is_success(const struct transfer *transfer, int status, const struct text *output)
{
	bool about_entry = strncmp(text_string(output), own_words, sizeof own_words - 1) == 0;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	return code == 0 || (code == 1 && transfer->member && about_entry);
}

/* A container that is not there has no pid: in the contract it is not an unknown handle here. */
static int find_init(const struct settings *settings, const char *handle, pid_t *pid, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);

	if (dir < 0)
		return err->kind == ERROR_OTHER ? -1 : fail(err, "pid not found for container");
	if (container_require_init(&record, err) < 0)
		return -1;
	*pid = record.init.pid;
	return 0;
}

static int do_transfer(const struct settings *settings, const char *handle, const struct transfer *transfer,
	struct error *err)
{
	autotext struct text output = { 0 }, words = { 0 };
	pid_t pid = 0;
	int status;

	if (find_init(settings, handle, &pid, err) < 0)
		return wrap(err, "stream-%s", transfer->direction);
	status = run_nstar(settings, transfer, pid, &output);
	if (status < 0)
		text_addf(&words, "%s", errno_text(errno));
	else if (is_success(transfer, status, &output))
		return 0;
	else
		spawn_describe(status, &words);
	return fail(err, "stream-%s: nstar: error streaming %s: %s. Output: %s", transfer->direction,
		transfer->direction, text_string(&words), text_string(&output));
}

int container_stream_in(const struct settings *settings, const char *handle, const char *user, const char *path, int fd,
	struct error *err)
{
	struct transfer transfer = {
		.direction = "in",
		.user = user,
		.directory = *path ? path : ".",
		.fd = fd,
	};

	return do_transfer(settings, handle, &transfer, err);
}

/* The part of path above its last name; the caller frees it. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xprintf("%.*s", (int)(slash - path), path);
}

int container_stream_out(const struct settings *settings, const char *handle, const char *user, const char *path,
	int fd, struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	autofree char *directory = *last || !*path ? parent_of(path) : xstrdup(path);
	struct transfer transfer = {
		.direction = "out",
		.user = user,
		.directory = directory,
		.member = *last ? last : ".",
		.fd = fd,
	};

	return do_transfer(settings, handle, &transfer, err);
}
