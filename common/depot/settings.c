#include "common/depot/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_DEPOT "/var/run/gdn/depot"
#define DEFAULT_NETWORK_SLOTS 256 /* subnets of 4 addresses in 10.254.0.0/22 */
#define DEFAULT_STATE "/var/run/gdn/state"
#define DEFAULT_STEP_SECONDS 120
#define DEFAULT_LOCK_SECONDS 60

/* The helper that stands beside the running program: the suite is installed as one folder. */
static char *beside_us(const char *name)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (len <= 0)
		return xstrdup(name);
	self[len] = '\0';
	slash = strrchr(self, '/');
	return xprintf("%.*s/%s", (int)(slash - self), self, name);
}

char *settings_runtime_root(const char *runtime)
{
	const char *slash = strrchr(runtime, '/'), *name = slash ? slash + 1 : runtime;
	const char *own = getenv("XDG_RUNTIME_DIR");

	/* Each runtime's own default, so that an operator's bare `runc list` or `crun list` shows our containers. */
	name = strcmp(name, "crun") ? "runc" : "crun";
	if (geteuid() != 0 && own && *own)
		return xprintf("%s/%s", own, name);
	return xprintf("/run/%s", name);
}

void settings_default(struct settings *settings)
{
	*settings = (struct settings){
		.depot = xstrdup(DEFAULT_DEPOT),
		.state_dir = xstrdup(DEFAULT_STATE),
		.runtime = xstrdup("runc"),
		.runtime_root = NULL,
		.dadoo = beside_us("dadoo"),
		.init = beside_us("init"),
		.nstar = beside_us("nstar"),
		.tar = xstrdup("tar"), /* nstar takes the argument for compatibility and opens nothing */
		.tag = xstrdup(""),
		.uid_map_start = 1,
		.gid_map_start = 1,
		.network_slots = DEFAULT_NETWORK_SLOTS,
		.step_seconds = DEFAULT_STEP_SECONDS,
		.lock_seconds = DEFAULT_LOCK_SECONDS,
	};
}

void settings_set(char **knob, const char *value)
{
	char *copy = xstrdup(value);

	free(*knob);
	*knob = copy;
}

void settings_free(struct settings *settings)
{
	free(settings->depot);
	free(settings->state_dir);
	free(settings->runtime);
	strings_free(&settings->runtime_extra_args);
	free(settings->runtime_root);
	free(settings->dadoo);
	free(settings->init);
	free(settings->nstar);
	free(settings->tar);
	free(settings->apparmor);
	free(settings->tag);
	strings_free(&settings->device_rules);
}

static int check_directory(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail_sys(err, "invalid depot directory %s: open %s", path, path);
	if (!S_ISDIR(st.st_mode))
		return fail(err, "invalid depot directory %s: not a directory", path);
	return 0;
}

/* Relative paths would mean something else in a child that changed its directory. */
static int check_path(const char *what, char **path, struct error *err)
{
	char *whole = realpath(*path, NULL);

	if (!whole)
		return fail_sys(err, "%s: stat %s", what, *path);
	free(*path);
	*path = whole;
	return 0;
}

static int check_file(const char *what, char **path, struct error *err)
{
	struct stat st;

	if (check_path(what, path, err) < 0)
		return -1;
	if (stat(*path, &st) == 0 && S_ISDIR(st.st_mode))
		return fail(err, "%s: path '%s' is a directory, not a file", what, *path);
	if (access(*path, X_OK) < 0)
		return fail_sys(err, "%s: execute %s", what, *path);
	return 0;
}

int settings_check(struct settings *settings, struct error *err)
{
	if (check_directory(settings->depot, err) < 0 || check_path("depot", &settings->depot, err) < 0)
		return -1;
	if (!*settings->runtime)
		return fail_kind(err, ERROR_BAD_INPUT, "empty runtime");
	if (strchr(settings->runtime, '/') && check_file("runtime", &settings->runtime, err) < 0)
		return -1;
	if (!settings->runtime_root)
		settings->runtime_root = settings_runtime_root(settings->runtime);
	if (settings->runtime_root[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "runtime root %s: not an absolute path", settings->runtime_root);
	return 0;
}

int settings_check_helpers(struct settings *settings, struct error *err)
{
	if (check_file("dadoo", &settings->dadoo, err) < 0 || check_file("init", &settings->init, err) < 0)
		return -1;
	return check_file("nstar", &settings->nstar, err);
}
