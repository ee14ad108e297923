#include "common/runtime/shim.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/spawn.h"
#include "common/base/statefile.h"
#include "common/runtime/runc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGEST_LOG (64 << 20)

static void close_all(struct start *start)
{
	fd_close(&start->spec);
	fd_close(&start->log_file);
	fd_close(&start->status);
	fd_close(&start->status_theirs);
	fd_close(&start->log);
	fd_close(&start->ready);
	fd_close(&start->ready_theirs);
}

/* The spec travels in a sealed memory file, not a pipe: complete before dadoo starts, whoever dies afterwards. */
static int spec_file(const struct text *spec)
{
	autoclose int fd = memfd_create("process-spec", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || fd_write_all(fd, text_string(spec), spec->len) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return -1;
	return fd_take(&fd);
}

static int open_pipe(int *ours, int *theirs)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	*ours = pair[0];
	*theirs = pair[1];
	return 0;
}

/* Our ends of what dadoo inherits as 0, 1 and 2, 3, 4, 5. */
static int open_all(const struct shim *shim, const struct text *spec, int log_flags, struct start *start)
{
	*start = (struct start){ -1, -1, -1, -1, -1, -1, -1, -1, clock_ms() + shim->step_seconds * 1000LL };
	start->spec = spec_file(spec);
	start->log = memfd_create("runtime-log", MFD_CLOEXEC);
	start->log_file = openat(shim->bundle_dir, shim->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | log_flags,
		0666);
	if (start->spec < 0 || start->log < 0 || start->log_file < 0 ||
		open_pipe(&start->status, &start->status_theirs) < 0 ||
		open_pipe(&start->ready, &start->ready_theirs) < 0)
		return -1;
	return 0;
}

static int execute(const struct shim *shim, struct start *start, struct error *err)
{
	autostrings struct strings argv = { 0 };
	struct fdmap map[] = {
		{ start->spec, 0 },
		{ start->log_file, 1 },
		{ start->log_file, 2 },
		{ start->status_theirs, 3 },
		{ start->log, 4 },
		{ start->ready_theirs, 5 },
	};

	strings_add(&argv, shim->program);
	strings_add(&argv, "-runc-root");
	strings_add(&argv, shim->runtime_root);
	if (shim->terminal)
		strings_add(&argv, "-tty");
	strings_add(&argv, shim->mode);
	strings_add(&argv, shim->runtime);
	strings_add(&argv, shim->process_path);
	strings_add(&argv, shim->container);
	start->pid = spawn(argv.item, map, ARRAY_SIZE(map));
	/* Ours must go, or their end would never be seen. */
	fd_close(&start->status_theirs);
	fd_close(&start->ready_theirs);
	return start->pid < 0 ? fail_sys(err, "fork/exec %s", shim->program) : 0;
}

/* One byte; 0 at end of file, -1 with errno ETIMEDOUT after the deadline. */
static int await_byte(int fd, long long deadline, uint8_t *byte)
{
	struct pollfd said = { .fd = fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&said, 1, clock_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	return ready <= 0 ? -1 : (int)fd_read_full(fd, byte, 1);
}

/* What dadoo itself had to say, without its last newline. */
static char *own_words(const struct shim *shim)
{
	char *words = statefile_read(shim->bundle_dir, shim->log, LARGEST_LOG, NULL);

	if (!words)
		return xstrdup("");
	for (size_t len = strlen(words); len && words[len - 1] == '\n'; len--)
		words[len - 1] = '\0';
	return words;
}

static char *last_runtime_error(int log)
{
	autofree char *path = xprintf("/proc/self/fd/%d", log);
	size_t len = 0;
	autofree char *lines = statefile_read(AT_FDCWD, path, LARGEST_LOG, &len);

	return runc_log_last_error(lines ? lines : "", len);
}

/* The runtime's last error; where it left none, dadoo may know why the runtime could not even be started. */
static char *what_went_wrong(const struct shim *shim, int log)
{
	char *message = last_runtime_error(log);

	if (*message)
		return message;
	free(message);
	return own_words(shim);
}

static int no_answer(const struct shim *shim, const char *stage, struct error *err)
{
	if (errno != ETIMEDOUT)
		return fail_sys(err, "wait for %s", stage);
	return fail_kind(err, ERROR_TIMEOUT, "runc exec: no answer from %s within %d s, killed", stage,
		shim->step_seconds);
}

static int await_ready(const struct shim *shim, const struct start *start, struct error *err)
{
	uint8_t byte;
	int got = await_byte(start->ready, start->deadline, &byte);

	if (got < 0)
		return no_answer(shim, "the shim", err);
	if (got == 0) {
		autofree char *words = own_words(shim);

		return *words ? fail(err, "EOF: %s", words) : fail(err, "EOF");
	}
	return 0;
}

static int await_status(const struct shim *shim, const struct start *start, struct error *err)
{
	uint8_t byte;
	int got = await_byte(start->status, start->deadline, &byte);
	autofree char *message = NULL;

	if (got < 0)
		return no_answer(shim, shim->runtime, err);
	if (got > 0 && byte == 0)
		return 0;
	message = what_went_wrong(shim, start->log);
	if (runc_says_not_found(message))
		return fail_kind(err, ERROR_EXECUTABLE_NOT_FOUND, "%s", message);
	if (got == 0)
		return fail(err, "runc exec: failed to read runc exit code EOF: %s", message);
	return fail(err, "runc exec: exit status %d: %s", byte, message);
}

/* Shim and runtime are one process group; after a clean failure nobody is left in it. */
static int give_up(struct start *start)
{
	if (start->pid > 0) {
		kill(-start->pid, SIGKILL);
		waitpid(start->pid, NULL, 0);
	}
	close_all(start);
	return -1;
}

int shim_spawn(const struct shim *shim, const struct text *spec, struct start *start, struct error *err)
{
	if (open_all(shim, spec, O_TRUNC, start) < 0) {
		fail_sys(err, "prepare for the shim");
		return give_up(start);
	}
	say_step("start shim");
	if (execute(shim, start, err) < 0 || await_ready(shim, start, err) < 0)
		return give_up(start);
	return 0;
}

int shim_await(const struct shim *shim, struct start *start, struct error *err)
{
	say_step("runtime exec");
	if (await_status(shim, start, err) < 0)
		return give_up(start);
	close_all(start);
	return 0;
}

int shim_adopt(const struct shim *shim, struct error *err)
{
	struct text nothing = { 0 };
	struct start start;

	if (open_all(shim, &nothing, 0, &start) < 0) {
		fail_sys(err, "prepare for the shim");
	} else if (execute(shim, &start, err) == 0 && await_ready(shim, &start, err) == 0) {
		close_all(&start);
		return 0;
	}
	give_up(&start);
	return wrap(err, "adopt");
}
