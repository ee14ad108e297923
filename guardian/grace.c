#include "guardian/grace.h"

#include "common/base/json.h"
#include "common/base/say.h"
#include "common/ops/operations.h"
#include "guardian/loop.h"
#include "guardian/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Containers that have a grace time, or somebody who asks for them now. */
struct grace {
	char *handle;
	int64_t grace_ns; /* 0: none */
	unsigned requests;
	ino_t inode; /* of its directory: a later container of that name is another one */
	struct timer timer;
	struct grace *next;
};

enum { BUCKETS = 1024, IN_USE = 1 };

static const struct settings *settings;
static struct grace *table[BUCKETS];

void grace_setup(const struct settings *used)
{
	settings = used;
}

static struct grace **slot_of(const char *handle)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	struct grace **link;

	for (const char *at = handle; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	for (link = &table[hash % BUCKETS]; *link && strcmp((*link)->handle, handle) != 0; link = &(*link)->next)
		continue;
	return link;
}

static struct grace *entry(const char *handle)
{
	struct grace **link = slot_of(handle);

	if (!*link) {
		*link = xmalloc(sizeof **link);
		(*link)->handle = xstrdup(handle);
	}
	return *link;
}

static void drop(struct grace **link)
{
	struct grace *grace = *link;

	*link = grace->next;
	loop_timer_stop(&grace->timer);
	free(grace->handle);
	loop_free(grace);
}

void grace_forget(const char *handle)
{
	struct grace **link = slot_of(handle);

	if (!*link)
		return;
	loop_timer_stop(&(*link)->timer);
	(*link)->grace_ns = 0;
	if (!(*link)->requests)
		drop(link);
}

static ino_t inode_of(const char *handle)
{
	autofree char *path = xprintf("%s/%s", settings->depot, handle);
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static void destroy(struct reply *reply, void *handle)
{
	struct error err;

	reply->status = IN_USE;
	if (container_in_use(settings, handle))
		return; /* by depotctl, which does not ask the daemon */
	if (container_destroy(settings, handle, &err) < 0)
		text_addf(&reply->body, "%s", err.text);
	reply->status = reply->body.len ? 500 : 200;
}

static void destroyed(struct reply *reply, void *handle)
{
	if (reply->status == IN_USE)
		grace_begin(handle);
	else if (reply->status == 200) /* the countdown is over either way: there is no second try */
		say(SAY_INFO, "%s: destroyed after its grace time", (char *)handle);
	else
		say(SAY_ERROR, "%s: failed to destroy after its grace time: %s", (char *)handle,
			text_string(&reply->body));
	free(handle);
}

static void expired(struct timer *timer)
{
	struct grace *grace = owner_of(timer, struct grace, timer);
	char *handle = xstrdup(grace->handle);

	if (grace->inode != inode_of(handle)) {
		grace_forget(handle);
		free(handle);
		return;
	}
	say(SAY_INFO, "%s: reaping after a grace time of %lld ms", handle, (long long)grace->grace_ns / 1000000);
	grace_forget(handle);
	worker_run("reap", destroy, destroyed, handle, -1, false);
}

static void count_down(struct grace *grace)
{
	grace->inode = inode_of(grace->handle);
	/* Rounded up: never earlier than was said. */
	loop_timer(&grace->timer, (grace->grace_ns + 999999) / 1000000, expired);
}

void grace_begin(const char *handle)
{
	autofree char *value = NULL;
	struct error ignored;
	struct grace *grace;
	long long grace_ns;

	if (container_property(settings, handle, PROPERTY_GRACE_TIME, &value, &ignored) < 0)
		return; /* it has none */
	grace_ns = strtoll(value, NULL, 10);
	if (grace_ns <= 0)
		return;
	grace = entry(handle);
	grace->grace_ns = grace_ns;
	if (!grace->requests)
		count_down(grace);
}

void grace_begin_all(void)
{
	autostrings struct strings handles = { 0 };
	struct error err;

	if (container_list(settings, &handles, &err) < 0)
		say(SAY_ERROR, "grace times: %s", err.text);
	for (size_t i = 0; i < handles.count; i++)
		grace_begin(handles.item[i]);
}

void grace_pause(const char *handle)
{
	struct grace *grace = entry(handle);

	grace->requests++;
	loop_timer_stop(&grace->timer);
}

void grace_resume(const char *handle)
{
	struct grace **link = slot_of(handle);

	if (!*link || !(*link)->requests || --(*link)->requests)
		return;
	if ((*link)->grace_ns)
		count_down(*link);
	else
		drop(link);
}

void grace_set(const char *handle, int64_t grace_ns)
{
	struct grace *grace = entry(handle);

	grace->grace_ns = grace_ns > 0 ? grace_ns : 0;
	if (!grace->requests)
		count_down(grace); /* of 0: at once */
}
