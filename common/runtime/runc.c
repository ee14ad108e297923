#include "common/runtime/runc.h"

#include "common/base/fd.h"
#include "common/base/json.h"
#include "common/base/pidfile.h"
#include "common/base/say.h"
#include "common/base/spawn.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGEST_LOG (64 << 20)

/* A log of the runtime, in memory of ours that it opens through /proc: no file to clean up, whoever dies. */
static int log_make(void)
{
	return memfd_create("runtime-log", MFD_CLOEXEC);
}

static char *log_path(int log)
{
	return xprintf("/proc/%d/fd/%d", (int)getpid(), log);
}

static char *log_read_error(const char *path)
{
	size_t len = 0;
	autofree char *log = statefile_read(AT_FDCWD, path, LARGEST_LOG, &len);

	return runc_log_last_error(log ? log : "", log ? len : 0);
}

static void log_line(const char *line, size_t len, char **last)
{
	struct error err;
	autojson json_object *entry = json_parse(line, len, &err);
	const char *level = json_string(entry, "level"), *message = json_string(entry, "msg");

	if (!entry) {
		say(SAY_INFO, "error-parsing-runc-log-file: %s", err.text);
		return;
	}
	say(SAY_DEBUG, "runc: %s", message);
	if (!strcmp(level, "error") || !strcmp(level, "fatal")) {
		free(*last);
		*last = xstrdup(message);
	}
}

char *runc_log_last_error(const char *log, size_t len)
{
	char *last = xstrdup("");

	for (const char *end = log + len; log < end;) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));
		size_t line = (size_t)((newline ? newline : end) - log);

		if (line)
			log_line(log, line, &last);
		log += line + 1;
	}
	return last;
}

/* The first two alternatives are runc's words, the last is crun's. */
bool runc_says_not_found(const char *message)
{
	static const char words[] =
		"(starting container process caused|unable to start container process): exec: .*: "
		"(stat .*: no such file or directory|executable file not found in \\$PATH)"
		"|executable file `.*' not found in \\$PATH|executable file `.*` not found in \\$PATH";
	regex_t pattern;
	bool found;

	if (regcomp(&pattern, words, REG_EXTENDED | REG_NOSUB) != 0)
		return false; /* no memory: then it is an ordinary error */
	found = regexec(&pattern, message, 0, NULL, 0) == 0;
	regfree(&pattern);
	return found;
}

static void globals(const struct runc *runc, struct strings *argv, const char *log)
{
	strings_add(argv, runc->program);
	strings_add(argv, "--root");
	strings_add(argv, runc->root);
	strings_add(argv, "--debug");
	strings_add(argv, "--log");
	strings_add(argv, log);
	strings_add(argv, "--log-format");
	strings_add(argv, "json");
}

/* Waits for the command and words its failure: "<what>: exit status 1: <last message of its log>". */
static int finish(const struct runc *runc, pid_t pid, const char *what, const char *log, struct error *err)
{
	int status = spawn_wait(pid, runc->step_seconds * 1000);
	autofree char *message = NULL;
	autotext struct text words = { 0 };

	if (status == 0)
		return 0;
	if (status < 0 && errno == ETIMEDOUT)
		return fail_kind(err, ERROR_TIMEOUT, "%s: no answer from %s within %d s, killed", what, runc->program,
			runc->step_seconds);
	if (status < 0)
		return fail_sys(err, "%s: wait for %s", what, runc->program);
	message = log_read_error(log);
	spawn_describe(status, &words);
	return fail(err, "%s: %s: %s", what, text_string(&words), message);
}

static int cannot_start(const struct runc *runc, const char *what, struct error *err)
{
	if (errno == ENOENT && !strchr(runc->program, '/'))
		return fail(err, "%s: exec: \"%s\": executable file not found in $PATH", what, runc->program);
	return fail_sys(err, "%s: fork/exec %s", what, runc->program);
}

/* In the child, before exec, so that there is no moment in which the runtime runs and the bundle does not name it. */
static int note_starter(void *bundle_dir)
{
	struct identity self;

	return identity_of(getpid(), &self, NULL) < 0 ? -1 : identity_save(*(int *)bundle_dir, NAME_STARTER, &self);
}

int runc_run(const struct runc *runc, const char *handle, const char *bundle_path, int bundle_dir, struct error *err)
{
	autostrings struct strings argv = { 0 };
	autofree char *log = xprintf("%s/%s", bundle_path, NAME_CREATE_LOG);
	pid_t pid;

	globals(runc, &argv, log);
	for (size_t i = 0; runc->extra_args && i < runc->extra_args->count; i++)
		strings_add(&argv, runc->extra_args->item[i]);
	strings_add(&argv, "run");
	strings_add(&argv, "--detach");
	strings_add(&argv, "--no-new-keyring");
	strings_add(&argv, "--bundle");
	strings_add(&argv, bundle_path);
	strings_add(&argv, "--pid-file");
	strings_addf(&argv, "%s/%s", bundle_path, NAME_INIT_PID);
	strings_add(&argv, handle);
	say_step("runtime run");
	pid = spawn_with(argv.item, NULL, 0, note_starter, &bundle_dir);
	if (pid < 0)
		return cannot_start(runc, "runc run", err);
	if (finish(runc, pid, "runc run", log, err) < 0)
		return -1;
	if (unlinkat(bundle_dir, NAME_STARTER, 0) < 0)
		return fail_sys(err, "remove %s", NAME_STARTER);
	return 0;
}

int runc_delete(const struct runc *runc, const char *handle, bool force, struct error *err)
{
	autoclose int log = log_make();
	autofree char *path = log_path(log);
	autostrings struct strings argv = { 0 };
	pid_t pid;

	if (log < 0)
		return fail_sys(err, "make runtime log");
	globals(runc, &argv, path);
	strings_add(&argv, "delete");
	if (force)
		strings_add(&argv, "--force");
	strings_add(&argv, handle);
	say_step("runtime delete");
	pid = spawn(argv.item, NULL, 0);
	if (pid < 0)
		return cannot_start(runc, "runc delete", err);
	return finish(runc, pid, "runc delete", path, err);
}

static char *read_output(int memory)
{
	autofree char *path = log_path(memory);

	return statefile_read(AT_FDCWD, path, LARGEST_LOG, NULL);
}

char *runc_bundle_of(const struct runc *runc, const char *handle, struct error *err)
{
	autoclose int log = log_make(), output = log_make();
	autofree char *path = log_path(log), *said = NULL;
	autostrings struct strings argv = { 0 };
	autojson json_object *state = NULL;
	struct fdmap map[] = { { output, 1 } };
	pid_t pid;

	errno = EIO;
	if (log < 0 || output < 0) {
		fail_sys(err, "make runtime log");
		return NULL;
	}
	globals(runc, &argv, path);
	strings_add(&argv, "state");
	strings_add(&argv, handle);
	say_step("runtime state");
	pid = spawn(argv.item, map, ARRAY_SIZE(map));
	if (pid < 0 ? cannot_start(runc, "runc state", err) : finish(runc, pid, "runc state", path, err)) {
		bool unknown = strstr(err->text, "does not exist") != NULL;

		errno = unknown ? ENOENT : EIO;
		return NULL;
	}
	said = read_output(output);
	state = said ? json_parse(said, strlen(said), err) : NULL;
	if (!state)
		wrap(err, "runc state");
	errno = EIO;
	return state ? xstrdup(json_string(state, "bundle")) : NULL;
}
