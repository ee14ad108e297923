#include "guardian/recovery.h"

#include "common/base/json.h"
#include "common/base/say.h"
#include "common/ops/operations.h"
#include "common/ops/recover.h"
#include "guardian/grace.h"
#include "guardian/loop.h"
#include "guardian/worker.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 3000

static struct {
	const struct settings *settings;
	bool all;
	unsigned attempts;
	void (*finished)(size_t failed);
	size_t open, failed;
	bool timed; /* grace times run */
} recovery;

/* A container that is to go. */
struct doomed {
	char *handle;
	unsigned tried;
	struct timer again;
};

static void maybe_finished(void)
{
	if (recovery.open)
		return;
	if (!recovery.timed)
		grace_begin_all();
	recovery.timed = true;
	if (recovery.finished)
		recovery.finished(recovery.failed);
}

static void finish(struct doomed *doomed)
{
	free(doomed->handle);
	loop_free(doomed);
	recovery.open--;
	maybe_finished();
}

static void destroy(struct reply *reply, void *data)
{
	struct doomed *doomed = data;
	struct error err;

	reply->status = 200;
	if (container_destroy(recovery.settings, doomed->handle, &err) == 0 || err.kind == ERROR_UNKNOWN_HANDLE)
		return;
	reply->status = 500;
	text_addf(&reply->body, "%s", err.text);
}

static void destroyed(struct reply *reply, void *data);

static void try_again(struct timer *timer)
{
	worker_run("clean-up-container", destroy, destroyed, owner_of(timer, struct doomed, again), -1, false);
}

static void destroyed(struct reply *reply, void *data)
{
	struct doomed *doomed = data;

	if (reply->status == 200) {
		say(SAY_INFO, "clean-up-container: %s: cleaned-up", doomed->handle);
		finish(doomed);
		return;
	}
	say(SAY_ERROR, "clean-up-container: %s: failed attempt %u: %s", doomed->handle, ++doomed->tried,
		text_string(&reply->body));
	if (doomed->tried < recovery.attempts) {
		loop_timer(&doomed->again, AGAIN_MS, try_again);
		return;
	}
	say(SAY_ERROR, "clean-up-container: %s: failed to cleanup container after %u attempts", doomed->handle,
		doomed->tried);
	recovery.failed++;
	finish(doomed);
}

/* In a worker, since a depot may be large or slow. */
static void survey(struct reply *reply, void *data)
{
	autostrings struct strings handles = { 0 };
	struct error err;
	int result;

	(void)data;
	result = recovery.all ? container_list(recovery.settings, &handles, &err)
			      : depot_half_done(recovery.settings, &handles, &err);
	reply->status = result < 0 ? 500 : 200;
	text_addf(&reply->body, "%s", result < 0 ? err.text : "");
	for (size_t i = 0; i < handles.count; i++)
		text_addf(&reply->body, "%s\n", handles.item[i]);
}

static void surveyed(struct reply *reply, void *data)
{
	autofree char *handles = xstrdup(text_string(&reply->body));
	char *rest = handles, *handle;

	(void)data;
	if (reply->status != 200)
		say(SAY_ERROR, "recovery: %s", handles);
	recovery.open++; /* another one, after a worker's death, may be under way */
	while (reply->status == 200 && (handle = strsep(&rest, "\n"))) {
		struct doomed *doomed;

		if (!*handle)
			continue;
		doomed = xmalloc(sizeof *doomed);
		doomed->handle = xstrdup(handle);
		recovery.open++;
		worker_run("clean-up-container", destroy, destroyed, doomed, -1, false);
	}
	recovery.open--;
	maybe_finished();
}

void recovery_begin(const struct settings *settings, bool all, unsigned attempts, void (*finished)(size_t failed))
{
	recovery.settings = settings;
	recovery.all = all;
	recovery.attempts = attempts;
	recovery.finished = finished;
	worker_run("survey", survey, surveyed, NULL, -1, false);
}
